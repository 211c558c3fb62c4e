"""What the tests of the servers share: waiting for a condition, small clients, and no process left behind."""

import contextlib
import signal
import socket
import subprocess
import time

import pytest

from servers.runtime import server as runtime

PATIENCE = 60  # seconds until a test gives up: nothing that works takes so long, even on a loaded machine

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as behind `nohup ... &`; a program that we start would inherit it, and
    signal.signal(signal.SIGINT, signal.default_int_handler)  # be deaf to the Ctrl-C that a test sends


def eventually(condition, what="the condition"):
    """Wait until `condition()` is true, and return what it returned."""
    end = time.monotonic() + PATIENCE
    while not (result := condition()):
        assert time.monotonic() < end, f"{what} did not come true in {PATIENCE} s"
        time.sleep(0.005)
    return result


@contextlib.contextmanager
def program(command, **options):
    """A Popen that reads and writes pipes, and is killed at the end of the block, however that comes."""
    with subprocess.Popen(command, **{"stdout": subprocess.PIPE, **options}) as process:
        try:
            yield process
        finally:
            process.kill()


def connect(address):
    connection = socket.create_connection(address, timeout=PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_all(connection):
    """All that comes until the server closes."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def ask(address, *lines):
    """A whole conversation: the lines go, the answers come until the server closes."""
    with connect(address) as connection:
        connection.sendall(b"".join(line + b"\n" for line in lines))
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection).splitlines()


def udp_client(address):
    client = socket.socket(type=socket.SOCK_DGRAM)
    client.settimeout(PATIENCE)
    client.connect(address)
    return client


def ask_udp(address, datagram):
    with udp_client(address) as client:
        client.send(datagram)
        return client.recv(65_535)


@pytest.fixture(autouse=True)
def no_server_is_left():
    yield
    for server in list(runtime.running.values()):
        server.stop(grace=0.2)
