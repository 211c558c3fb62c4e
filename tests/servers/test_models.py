"""The catalogue and its models: every name launches, every file runs alone, and each shows its architecture."""

import ast
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys

import pytest
from support import PATIENCE, PYTHON, ask, ask_udp, asleep, connect, eventually, program, run_alone, says, unused_port

from servers import catalogue, launch, main, sockets
from servers.catalogue import UnknownServer

LINES = [name for name, entry in catalogue.items() if entry.protocol == "lines"]
FILES = sorted({catalogue[name].path for name in LINES})
SOFTWARE_SERVERS = sorted({entry.path for entry in catalogue.values()} - set(FILES))
LIBRARIES = {"aiosmtpd", "pyftpdlib"}  # protocol libraries, where the standard library has none
LONGEST = {"tcp_select": 72, "tcp_prefork": 60}  # lines of code: a loop that never blocks on a client, and a parent that replaces workers


@pytest.fixture
def alone():
    """Run a model alone, and end it after the test."""
    with contextlib.ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(run_alone(*arguments, stderr=subprocess.STDOUT))


@pytest.mark.parametrize("name", LINES)
def test_every_name_launches_what_it_names(name):
    with launch(name) as server:
        assert server.name == server.title == name
        assert server.path == catalogue[name].path
        assert server.kind == ("udp" if "udp" in name.lower() else "tcp")
        asks = ask_udp if server.kind == "udp" else ask
        assert asks(server.address, b"hello") in (b"hello", [b"hello"])


def test_every_combination_of_socketserver_is_there():
    for protocol, handler in ("TCP", "StreamRequestHandler"), ("UDP", "DatagramRequestHandler"):
        for prefix in "", "Forking", "Threading":
            for name in f"+{handler}", "+BaseRequestHandler", "":
                assert f"{prefix}{protocol}Server{name}" in catalogue


def test_a_second_answer_does_not_wait_until_the_first_is_acknowledged():
    options = main.parser("").parse_args(["--port", "0"])
    with sockets.tcp_listener(options) as listener, connect(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    "name, children, threads",
    [("TCPServer", 0, 0), ("ForkingTCPServer", 2, 0), ("ThreadingTCPServer", 0, 2), ("tcp_fork", 2, 0), ("tcp_loop", 0, 0)],
)
def test_two_clients_show_the_architecture(name, children, threads):
    with launch(name) as server:
        first, second = connect(server.address), connect(server.address)
        assert says(first, b"hello") == b"hello"
        eventually(lambda: len(server.processes()) == 1 + children)
        eventually(lambda: server.processes()[0].threads == 1 + threads)
        first.close(), second.close()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_model_runs_alone_and_nc_is_a_client(path, alone):
    process, address = alone(path.stem, "--port", "0")
    if "udp" in path.stem:
        assert ask_udp(address, b"hello\n") == b"hello\n"
    else:
        assert ask(address, b"hello", b"who")[0] == b"hello"
    if (nc := shutil.which("nc")) and "udp" not in path.stem:
        with program([nc, address[0], str(address[1])], stdin=subprocess.PIPE) as client:
            client.stdin.write(b"hello from nc\n")
            client.stdin.flush()
            assert client.stdout.readline() == b"hello from nc\n"
    eventually(lambda: asleep(process.pid))
    process.send_signal(2)
    process.wait(PATIENCE)
    assert process.returncode == 0, "Ctrl-C is a quiet end"
    assert process.stdout.read() == "ended by Ctrl-C\n"


@pytest.mark.parametrize("number, words", [(signal.SIGINT, "ended by Ctrl-C\n"), (signal.SIGTERM, ""), (signal.SIGHUP, "")])
@pytest.mark.parametrize("module, greets_after", [("ftp", "starting FTP server"), ("mail", "folder:")])
def test_a_server_with_a_folder_runs_alone_and_ends_quietly(alone, module, greets_after, number, words):
    """While a silent client is connected."""
    process, address = alone(module, "--port", "0")
    said = process.stdout.readline()
    folder = said.removeprefix("folder: ").strip()
    assert os.path.isdir(folder)
    while greets_after not in said:
        said = process.stdout.readline()
        assert said, "it has ended"
    with connect(address) as silent:
        assert silent.recv(100).startswith(b"220")
        eventually(lambda: asleep(process.pid))
        process.send_signal(number)
        said = process.communicate(timeout=PATIENCE)[0]
    assert re.sub(".* FTP session .*\n", "", said) == words and process.returncode == 0
    assert not os.path.exists(folder)


def test_a_port_of_its_own_can_be_bound_again_at_once(alone):
    """SO_REUSEADDR: otherwise a connection in TIME_WAIT, which the server closed first, would prevent it."""
    process, address = alone("tcp_loop", "--port", str(unused_port()))
    with connect(address) as client:
        client.sendall(b"x" * 70_000)  # too long: the server closes first
        while client.recv(1000):
            pass
    process.kill()
    process.wait()
    assert alone("tcp_loop", "--port", str(address[1]))[1] == address


def test_help_and_a_wrong_class():
    for arguments, word in (
        (["socketserver_tcp", "--help"], "Break it"),
        (["socketserver_tcp", "--server", "UDPServer"], "invalid choice"),
    ):
        done = subprocess.run([*PYTHON, f"servers.{arguments[0]}", *arguments[1:]], capture_output=True, text=True)
        assert word in done.stdout + done.stderr


BIND = ["tcp_loop", "udp_loop", "tcp_pool", "tcp_prefork", "tcp_asyncio", "socketserver_tcp", "socketserver_udp"]
BIND += ["http_files", "web_app", "mail", "ftp"]


@pytest.mark.parametrize("module", BIND)
def test_a_port_that_somebody_has_is_said_in_plain_words(module):
    with socket.create_server(("127.0.0.1", unused_port())) as holder, socket.socket(type=socket.SOCK_DGRAM) as udp_holder:
        port = holder.getsockname()[1]
        udp_holder.bind(("127.0.0.1", port))
        said = words_of(module, "--port", port)
    assert said.startswith("Cannot listen there (Address already in use): another program uses this port")


@pytest.mark.parametrize(
    "module, options, words",
    [
        ("tcp_loop", ["--port", "99999"], "argument --port: 99999 is not a whole number from 0 to 65535"),
        ("ftp", ["--port", "99999"], "argument --port: 99999 is not a whole number"),
        ("web_app", ["--port", "http"], "argument --port: http is not a whole number"),
        ("tcp_fork", ["--backlog", "-1"], "argument --backlog: -1 is not a whole number"),
        ("tcp_pool", ["--workers", "0"], "argument --workers: 0 is not a whole number"),
        ("tcp_prefork", ["--workers", "0"], "argument --workers: 0 is not a whole number"),
        ("mail", ["--size", "0"], "argument --size: 0 is not a whole number"),
        ("tcp_epoll", ["--host", "192.0.2.1"], "no network interface of this machine has this address"),  # unassigned (RFC 5737)
        ("mail", ["--folder", __file__], "There is no folder at"),
    ],
)
def test_an_option_that_cannot_be_is_said_in_plain_words(module, options, words):
    assert words in words_of(module, *options)


def words_of(module, *options):
    """Return the error output of a server that exits at once."""
    command = [*PYTHON, f"servers.{module}", *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode and "Traceback" not in done.stderr, done.stderr
    return done.stderr


def test_the_catalogue_lists_all_with_a_line_each():
    listed = subprocess.run([*PYTHON, "servers"], capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in listed.splitlines()] == list(catalogue)
    assert all(len(line.split()) > 2 for line in listed.splitlines())


@pytest.mark.parametrize(
    "wrong, meant",
    [
        ("tcp_lop", "tcp_loop"),
        ("forkingtcpserver", "ForkingTCPServer"),
        ("TCP_FORK", "tcp_fork"),
        ("ThreadedTCPServer", "ThreadingTCPServer"),
    ],
)
def test_an_unknown_name_names_the_near_misses(wrong, meant):
    for ask_for in launch, catalogue.__getitem__:
        with pytest.raises(UnknownServer, match=f"no server '{wrong}'.*Did you mean.*{meant}.*{len(catalogue)} names"):
            ask_for(wrong)


def test_a_name_like_no_other():
    with pytest.raises(UnknownServer, match="No name comes near"):
        launch("xyzzy")


@pytest.mark.parametrize("path", [*FILES, *SOFTWARE_SERVERS], ids=lambda path: path.stem)
def test_a_model_holds_its_architecture_and_nothing_else(path):
    source = path.read_text()
    tree = ast.parse(source)
    header = ast.get_docstring(tree)
    assert ("What changes" in header or "What is new" in header) and all(
        word in header for word in ("It buys", "It costs", "Break it")
    )
    assert ast.unparse(tree.body[-1].body[-1]).startswith("main.run(serve, "), "all models start in one way"
    code = ast.unparse(tree.body[1:]).splitlines()
    longest = 90 if path in SOFTWARE_SERVERS else LONGEST.get(path.stem, 40)
    assert len([line for line in code if line.strip()]) <= longest
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    assert imported - sys.stdlib_module_names - LIBRARIES == {"servers"}
