"""A launched script behaves as under `python script.py`: both are run and compared."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support import PATIENCE, ask, ask_udp, asleep, connect, eventually, program, says, unused_port

from servers import LaunchError, launch
from servers.runtime.server import Server

SCRIPTS = Path(__file__).parent / "scripts"


def plainly(script, *arguments):
    """Run `python script.py`; return (output, exit status)."""
    done = subprocess.run(
        [sys.executable, script, *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, timeout=PATIENCE,
        env={**os.environ},  # without what readline has put into the test run's environment
    )  # fmt: skip
    return done.stdout.decode().rstrip("\n"), done.returncode


def launched(script, *arguments, watch=True, any_address=False):
    """Launch a script that ends by itself; return (output, exit status)."""
    server = Server(script, arguments, "script", PATIENCE, watch, any_address)
    try:
        server.start()
    except LaunchError:
        pass
    eventually(lambda: server.over, "that the script ended")
    server.stop()
    return server.log, server.exit_status


def comparable(text):
    return re.sub(r" at 0x[0-9a-f]+| fd=\d+|repeated \d+ more|\('127.0.0.1', \d+\)", "", text)


# ---------------------------------------------------------------- what a script sees of itself


@pytest.mark.parametrize("watch", [True, False])
@pytest.mark.parametrize("given", [lambda path: path, lambda path: path.relative_to(Path.cwd()), lambda path: str(path)])
def test_a_script_sees_the_same_world(tmp_path, monkeypatch, watch, given):
    (tmp_path / "relative.txt").write_text("read from the current folder")
    folder = tmp_path / "the scripts"
    folder.mkdir()
    for name in "facts.py", "neighbour.py":
        (folder / name).write_text((SCRIPTS / name).read_text())
    (tmp_path / "sitecustomize.py").write_text("print('the machine has a sitecustomize of its own')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    script = given(folder / "facts.py")
    expected, got = plainly(script, "one", "two words"), launched(script, "one", "two words", watch=watch)
    assert comparable(got[0]).splitlines() == comparable(expected[0]).splitlines()
    assert got[1] == expected[1] == 0


def test_a_symlinked_script_finds_its_neighbours(tmp_path, monkeypatch):
    (tmp_path / "relative.txt").write_text("read from the current folder")
    (tmp_path / "link.py").symlink_to(SCRIPTS / "facts.py")
    monkeypatch.chdir(tmp_path)
    assert comparable(launched(tmp_path / "link.py")[0]) == comparable(plainly(tmp_path / "link.py")[0])


def test_a_script_finds_the_modules_beside_it_whatever_their_names(tmp_path):
    for name in "servers", "socket":
        (tmp_path / f"{name}.py").write_text(f"print('my own {name}')\n")
    (tmp_path / "main.py").write_text("import servers, socket\nsocket.socket()\n")
    with pytest.raises(LaunchError) as failure:
        launch(tmp_path / "main.py")
    text = str(failure.value)
    assert "my own servers\n    my own socket\n" in text
    assert "module 'socket' has no attribute 'socket'" in text and text.endswith("Rename that file.")


@pytest.mark.parametrize("any_address", [True, False])
def test_a_thousand_small_calls_come_out_the_same_right_and_wrong(any_address):
    """A watched call accepts, rejects and reports exactly what the bare call does."""
    outputs = plainly(SCRIPTS / "small_calls.py")[0], launched(SCRIPTS / "small_calls.py", any_address=any_address)[0]
    expected, watched = ([line for line in text.splitlines() if " -> " in line or line == "the end"] for text in outputs)
    assert len(expected) > 1_000 and expected[-1] == "the end", outputs[0]
    if not any_address:  # the one call that is right and would let other machines in
        at = expected.index("new.listen() -> None")
        assert "-> PermissionError" in watched[at]
        del watched[at], expected[at]
    assert watched == expected


# ---------------------------------------------------------------- how it ends

ENDINGS = {
    "by coming to its end": "print('done')",
    "an exception": "def f(x):\n    return 1 / x\n\n\nf(0)",
    "chained exceptions": "try:\n    {}['x']\nexcept KeyError as e:\n    raise ValueError('no') from e",
    "an exception in a handler": "try:\n    {}['x']\nexcept KeyError:\n    open('/not/there')",
    "an exception group": "raise ExceptionGroup('some', [ValueError(1), TypeError(2)])",
    "an exception with a note": "e = ValueError('x')\ne.add_note('by the way')\nraise e",
    "a syntax error": "x = 1\nif x\n    pass",
    "bad indentation": "def f():\npass",
    "an encoding of its own": "# coding: latin-1\nprint('\xe4')",
    "a module that is not there": "import not_there",
    "recursion": "def f():\n    f()\nf()",
    "sys.exit()": "import sys\nsys.exit()",
    "a code": "import sys\nsys.exit(3)",
    "a text": "import sys\nsys.exit('good bye')",
    "os._exit": "import os\nos._exit(7)",
    "Ctrl-C": "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time\ntime.sleep(10)",
    "Ctrl-C by hand": "raise KeyboardInterrupt",
    "a signal": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "a closed pipe": "import os\nr, w = os.pipe()\nos.close(r)\nos.write(w, b'x')",
    "its own excepthook": "import sys\nsys.excepthook = lambda *e: print('hooked', e[0])\n1 / 0",
    "atexit": "import atexit\natexit.register(print, 'at the end')\n1 / 0",
    "atexit after Ctrl-C": "import atexit\natexit.register(print, 'at the end')\nraise KeyboardInterrupt",
    "a thread that goes on": "import threading, time\n"
    "def f():\n    threading.main_thread().join()\n    print('later')\n"
    "threading.Thread(target=f).start()\nprint('main ends')",
    "an exception in a thread": "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()",
    "warnings": "import warnings\nwarnings.warn('careful')\nwarnings.warn('old', DeprecationWarning)\n"
    "warnings.warn('said of the caller', stacklevel=2)",
    "an unclosed file's __del__": "class A:\n    def __del__(self):\n        1 / 0\nA()\n",
    "a child that falls off the end": "import os\nif os.fork():\n    os.wait()\n    print('parent')\nelse:\n    print('child', flush=True)",
    "subprocesses": "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'print(1)'], capture_output=True).stdout)\n"
    "import os\nshow = [sys.executable, '-c', 'import os; print(os.environ.get(\"FRUIT\"))']\n"
    "print(subprocess.run(show, preexec_fn=lambda: os.putenv('FRUIT', 'apple'), capture_output=True).stdout)",
    "what a child sees of itself": "import subprocess, sys\n"
    "show = 'import os, sys; print(sorted(os.environ), sys.path, sys.orig_argv[1:], '\\\n"
    '    \'sorted(os.listdir("/proc/self/fd")), [name for name in sys.modules if "serv" in name or "site" in name])\'\n'
    "for environment in None, {}, {'PYTHONPATH': '/not/there'}:\n"
    "    print(subprocess.run([sys.executable, '-c', show], env=environment, capture_output=True, text=True))",
    "how a child prints elsewhere": "import os, shlex, subprocess, sys, tempfile\n"
    "show = [sys.executable, '-c', 'import sys; print(sys.stdout.line_buffering, sys.stdout.write_through)']\n"
    "for command, shell in (show, False), (shlex.join(show), True):\n"
    "    for environment in None, {**os.environ}:\n"
    "        with tempfile.TemporaryFile() as file:\n"
    "            subprocess.run(command, shell=shell, stdout=file, env=environment)\n            print(os.pread(file.fileno(), 100, 0))\n"
    "print(os.popen(shlex.join(show)).read(), subprocess.run(show, preexec_fn=os.setsid, capture_output=True).stdout)\n"
    "r, w = os.pipe()\n"
    "os.waitpid(os.posix_spawn(show[0], show, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, w, 1)]), 0)\n"
    "print(os.read(r, 100), flush=True)\n"
    "if os.fork() == 0:\n    os.dup2(w, 1)\n    os.execv(show[0], show)\n"
    "os.wait()\nprint(os.read(r, 100))",
    "socket errors": "import socket\ns = socket.socket()\ntry:\n    s.recv(1)\nexcept OSError as e:\n    print(repr(e))\n"
    "for call in (lambda: s.send('x'), lambda: s.sendto(b'x'), lambda: s.recv(-1), lambda: s.bind('x'), lambda: s.bind(('localhost', -1)),"
    " lambda: s.bind(('not there', 0)), lambda: s.connect(('127.0.0.1', 1)), lambda: s.shutdown(2), lambda: s.accept(), s.recvfrom,"
    " lambda: s.listen('x'), lambda: s.recv_into(b'')):\n"
    "    try:\n        call()\n    except Exception as e:\n        print(repr(e))\n",
    "an exception inside a socket call": "import socket\ns = socket.socket()\ndef f():\n    s.connect(('127.0.0.1', 1))\nf()",
    "datagrams to a name": "import socket\na, b = socket.socket(type=socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM)\n"
    "b.bind(('localhost', 0))\na.settimeout(1)\na.sendto(b'x', ('localhost', b.getsockname()[1]))\nprint(b.recv(10))",
    "socket pairs": "import socket\na, b = socket.socketpair()\na.sendall(b'x')\nprint(b.recv(1))\na.close()\na.close()\n"
    "print(a, b.recv(1))",
    "pickling and copying": "import copy, multiprocessing, threading\nprint(multiprocessing.get_start_method() is not None)\n"
    "class A: pass\nprint(copy.copy(A()).__class__, A.__module__)",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_script_ends_as_it_would(tmp_path, monkeypatch, ending):
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    script = tmp_path / "script.py"
    script.write_text(ENDINGS[ending] + "\n")
    expected, got = plainly(script), launched(script)
    assert comparable(got[0]) == comparable(expected[0])
    assert got[1] == expected[1]


def test_an_exception_in_a_handler_looks_as_ever(tmp_path):
    """socketserver prints it and carries on; the handler calls the probe, and the traceback shows no frame of it."""
    script = tmp_path / "script.py"
    script.write_text(
        "import socket, socketserver\n\n\n"
        "class Handler(socketserver.BaseRequestHandler):\n"
        "    def handle(self):\n"
        "        self.request.recv(10)\n"
        "        self.request.shutdown(socket.SHUT_RDWR)\n"
        "        self.request.sendall('no bytes')\n\n\n"
        "server = socketserver.TCPServer(('127.0.0.1', 0), Handler)\n"
        "print(server.server_address[1], flush=True)\n"
        "server.handle_request()\n"
    )
    with launch(script) as server:
        assert ask(server.address, b"x") == []
        eventually(lambda: "Exception occurred" in server.log and server.over)
    with program([sys.executable, script], stderr=subprocess.STDOUT, text=True) as plain:
        assert ask(("127.0.0.1", int(plain.stdout.readline())), b"x") == []
        expected = comparable(plain.communicate()[0])
    assert comparable(server.log.partition("\n")[2]).strip() == expected.strip()


def test_source_text_has_the_lines_of_its_cell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "neighbour.py").write_text("here = 1")
    with pytest.raises(LaunchError) as failure:
        launch("# coding: gbk\nimport neighbour\nprint('é', neighbour.here)\nraise OSError('in line 4')\n", name="cell")
    text = str(failure.value)
    assert 'File "%%server cell", line 4' in text and "raise OSError('in line 4')" in text and "é 1" in text
    assert "servers/runtime" not in text


# ---------------------------------------------------------------- the three shapes, and other kinds of servers


def kinds(server):
    return {event.kind for event in server.events()}


def test_shape_a_fork_by_hand():
    port = unused_port()
    with launch(SCRIPTS / "fork_shape.py", port) as server:
        assert server.address == ("127.0.0.1", port) and server.kind == "tcp"
        with connect(server.address) as client, connect(server.address) as other:
            for one in other, client:
                one.sendall("你好".encode())
                assert one.recv(100) == "你好".encode()
            assert len(server.processes()) == 3
        eventually(lambda: len(server.processes()) == 1, "that the kernel reaps: SIGCHLD is ignored")
        eventually(lambda: sum(event.kind == "exit" for event in server.events()) == 2)
        assert kinds(server) == {"bind", "listen", "accept", "fork", "receive", "send", "close", "exit"}
        printed = server.log.splitlines()
        assert re.fullmatch(rf"<socket.socket fd=\d+, family=2, type=1, proto=0, laddr=\('127.0.0.1', {port}\)>", printed[0])
        assert printed.count("你好") == 2
        eventually(lambda: asleep(server.pid))
        os.kill(server.pid, signal.SIGINT)
        eventually(lambda: not server.running)
        eventually(lambda: "interrupted" in server.log)
        assert server.state == "exited with code 1"


def test_shape_b_forking_tcp():
    port = unused_port()
    with launch(SCRIPTS / "forking_tcp_shape.py", port) as server:
        assert server.address == ("127.0.0.1", port)
        with connect(server.address) as client, connect(server.address) as other:
            for one in other, client:
                one.sendall(b"hello")
                assert one.recv(100) == b"2222"
        eventually(lambda: sum(event.kind == "reap" for event in server.events()) == 2, "that both children are reaped")
        assert {"bind", "listen", "wait", "accept", "fork", "receive", "send", "close", "exit", "reap"} <= kinds(server)
        assert "from" in server.log and server.log.count("('127.0.0.1'") == 2  # two children print at once: their output may mix


def test_shape_c_forking_udp():
    port = unused_port()
    with launch(SCRIPTS / "forking_udp_shape.py", port) as server:
        assert server.address == ("127.0.0.1", port) and server.kind == "udp"
        assert ask_udp(server.address, b"one\ntwo\n") == b"22222222"
        eventually(lambda: {"bind", "wait", "receive", "fork", "send", "exit", "reap"} <= kinds(server))
        assert "<socket.socket fd=" in server.log and "<__main__.Server object" in server.log


@pytest.mark.parametrize("model", ["tcp_asyncio", "tcp_select", "tcp_thread"])
def test_other_tcp_servers(model):
    with launch(model) as server:
        clients = [connect(server.address) for _ in range(3)]
        for client in reversed(clients):
            assert says(client, b"hello") == b"hello"
        for client in clients:
            client.close()
        wanted = {"bind", "listen", "accept", "receive", "send", "close"}
        wanted |= {"thread start", "thread end"} if model == "tcp_thread" else {"wait"}
        eventually(lambda: wanted <= kinds(server))
        eventually(lambda: sum(event.kind == "receive" and event.bytes == 0 and event.end for event in server.events()) >= 3)
        assert server.log == "%s:%d is ready; Ctrl-C ends it" % server.address


def test_asyncio_udp():
    with launch(SCRIPTS / "asyncio_udp.py") as server:
        assert ask_udp(server.address, b"hello") == b"hello"
        eventually(lambda: {"bind", "wait", "receive", "send"} <= kinds(server))
