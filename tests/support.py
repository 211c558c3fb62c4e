"""Helpers that tests share: waiting for a condition, small clients, and programs that end with their test."""

import asyncio
import contextlib
import os
import random
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

from clients.tcp import reset_on_close
from servers import catalogue
from servers.runtime import process_tree
from servers.runtime.events import written

PATIENCE = 60  # seconds until a test gives up: nothing that works takes this long, even on a loaded machine
REPOSITORY = Path(__file__).resolve().parents[1]
PYTHON = [sys.executable, "-u", "-m"]


def eventually(condition, what="the condition"):
    """Wait until `condition()` is true, and return what it returned."""
    end = time.monotonic() + PATIENCE
    while not (result := condition()):
        assert time.monotonic() < end, f"{what} did not come true in {PATIENCE} s"
        time.sleep(0.005)
    return result


@contextlib.contextmanager
def program(command, **options):
    """Yield a Popen whose output is a pipe; kill it at the end of the block, even after an exception."""
    with subprocess.Popen(command, **{"stdout": subprocess.PIPE, **options}) as process:
        try:
            yield process
        finally:
            process.kill()


def left_by_a_killed_notebook(*lines):
    """Run these lines, the last of which prints PIDs, in a Python that is then killed; return the PIDs."""
    code = "\n".join([*lines, "input()"])
    with program([sys.executable, "-u", "-c", code], stdin=subprocess.PIPE) as notebook:
        return [int(pid) for pid in notebook.stdout.readline().split()]


def nbval(notebook, *options, **environment):
    """Run one notebook as a bare `pytest --nbval` does in the course's folder."""
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "no:cacheprovider", "--color=no", "--nbval"]
    command += [f"--rootdir={notebook.parent}", *options, str(notebook)]
    return subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, **environment}, capture_output=True, text=True, timeout=4 * PATIENCE
    )


def asleep(pid):
    """Whether all its threads wait. (Python handles a signal that arrives just before a blocking call only after that call.)"""
    told = process_tree.activity(pid)
    return told[0] if told else psutil.Process(pid).status() == psutil.STATUS_SLEEPING


def connect(address):
    connection = socket.create_connection(address, timeout=PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def unused_port():
    """Return a free port that the kernel assigns to no one else: it is below the ephemeral range (ip(7))."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as found:
            found.bind(("127.0.0.1", random.randrange(10_000, 32_768)))
            return found.getsockname()[1]


def lingers(name):
    """Return launch() arguments for this server with a lingering close long enough for any client to send and read."""
    entry = catalogue[name]
    source = f"import runpy\nfrom servers import sockets\nsockets.LINGER = {PATIENCE}\n"
    return source + f"runpy.run_module('servers.{entry.path.stem}', run_name='__main__')\n", *entry.arguments


def local(connection):
    """Return a client's own address, as events write their peer."""
    return written(connection.getsockname())


def events_of(server, kind, done=True):
    """Return the server's completed events of this kind; with done=False, also those in progress."""
    return [event for event in server.events() if event.kind == kind and (event.end is not None or not done)]


def listens(address):
    """Whether a server listens at this address."""
    with socket.socket() as visitor:
        return visitor.connect_ex(address) == 0


def read_all(connection):
    """Read everything until the server closes."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def ask(address, *lines):
    """Hold a whole conversation: send the lines, shut down, and return the answers."""
    with connect(address) as connection:
        connection.sendall(b"".join(line + b"\n" for line in lines))
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection).splitlines()


def says(connection, line):
    """Send a line and return its answer; the connection stays open."""
    connection.sendall(line + b"\n")
    return hears(connection)


def hears(connection):
    """Return the next answer on a connection."""
    answer = b""
    while not answer.endswith(b"\n"):
        piece = connection.recv(65_536)
        assert piece, "the server closed before it answered"
        answer += piece
    return answer.rstrip(b"\n")


def process_of(answer):
    """Return the process that answered "who"."""
    return int(answer.split()[1])


def udp_client(address):
    client = socket.socket(type=socket.SOCK_DGRAM)
    client.settimeout(PATIENCE)
    client.connect(address)
    return client


def ask_udp(address, datagram):
    with udp_client(address) as client:
        client.send(datagram)
        return client.recv(65_535)


def reset(connection):
    """Reset a connection, as a crash of the client would: the server gets ECONNRESET."""
    reset_on_close(connection)
    connection.close()


@contextlib.contextmanager
def run_alone(module, *arguments, **options):
    """Yield (process, address) of `python -m servers.MODULE`, with the address that it prints; kill it at the end."""
    with program([*PYTHON, f"servers.{module}", *arguments], text=True, **options) as process:
        host, port = re.match(r"(\S+):(\d+) is ready", process.stdout.readline()).groups()
        yield process, (host, int(port))


async def wait_until(condition):
    """Wait until condition() is true, for at most PATIENCE seconds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)
