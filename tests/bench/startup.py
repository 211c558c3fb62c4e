"""Group 1: launch() to the first answer, against a bare `python script.py`."""

import compileall
import contextlib
import socket
import subprocess
import sys
import time

from measuring import HERE, ROOT, in_turns, ratios, row

from servers import launch

SCRIPT = str(HERE / "hello.py")
RUNS = 15


def run(rounds):
    compileall.compile_dir(ROOT / "servers", quiet=1)  # as after `make lab`: with PYTHONDONTWRITEBYTECODE, each launch would compile
    found = in_turns({"launch": by_launch, "bare": bare}, max(rounds, RUNS))
    return [
        row("launch() to the first answer", found["launch"], "ms"),
        row("python script.py to the first answer", found["bare"], "ms"),
        row("launch() / bare", ratios(found["launch"], found["bare"]), "ratio", 1.25, at_most=True),
    ]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def first_answer(port):
    """Connect until the server listens; wait for its answer."""
    while True:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"hello\n")
            return connection.recv(100)
        time.sleep(0.0005)


def by_launch():
    port, began = free_port(), time.perf_counter()
    with launch(SCRIPT, str(port)):
        first_answer(port)
        return (time.perf_counter() - began) * 1000


def bare():
    port, began = free_port(), time.perf_counter()
    process = subprocess.Popen([sys.executable, SCRIPT, str(port)])
    try:
        first_answer(port)
        return (time.perf_counter() - began) * 1000
    finally:
        process.kill()
        process.wait()
