"""launch(): what it accepts, when a server is ready, and its message on failure. No failure leaves a process behind."""

import errno
import os
import re
import signal
import socket
import sys
import threading
from pathlib import Path

import psutil
import pytest
from support import PATIENCE, ask, ask_udp, asleep, connect, eventually, read_all, says, unused_port

from servers import LaunchError, launch
from servers.runtime import launch_diagnostics, listening, running, tcp_listeners
from servers.runtime import server as runtime
from servers.runtime.events import Event
from servers.runtime.output import MAX_OUTPUT, Output

NEVER = "import time\nwhile True:\n    time.sleep(1)\n"


def family_of_this_process():
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.fixture(autouse=True)
def nothing_is_left():
    before = family_of_this_process()
    yield
    eventually(lambda: not family_of_this_process() - before or running.servers, "that nothing is left")
    for server in list(running.servers.values()):
        server.stop(0.2)
    eventually(lambda: not family_of_this_process() - before, "that nothing is left")


def failure(what, *arguments, **options):
    with pytest.raises(LaunchError) as raised:
        launch(what, *arguments, **options)
    assert not running.servers
    return str(raised.value)


# ---------------------------------------------------------------- what it accepts


def test_a_name_a_path_and_source_text(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("import socket\nsocket.create_server(('127.0.0.1', 0)).accept()\n")
    for what, title in ("tcp_loop", "tcp_loop"), (path, "mine"), (str(path), "mine"), (path.read_text(), "script"):
        with launch(what) as server:
            assert server.title == title
            assert server.running and server.state == "running"
            assert server.host == "127.0.0.1" and server.port > 0
            assert psutil.pid_exists(server.pid)
        assert not server.running and server.state == "stopped"


def test_a_folder_with_a_main_file(tmp_path):
    (tmp_path / "struct.py").write_text("import socket\nlistener = socket.create_server(('127.0.0.1', 0))\n")
    (tmp_path / "__main__.py").write_text("import time\nimport struct\nwhile True:\n    time.sleep(0.001)\n")
    with launch(tmp_path) as server:
        connect(server.address).close()
        assert server.title == tmp_path.name


def test_arguments_and_names():
    with launch("tcp_loop", "--backlog", 1, name="mine") as server:
        assert server.name == "mine" and server.title == "tcp_loop"
        assert "mine: running at 127.0.0.1" in repr(server)


def test_a_file_that_is_not_there(tmp_path):
    assert "there is no file 'not_there.py'" in failure("not_there.py")
    assert "there is no file" in failure(Path("not/there"))
    (tmp_path / "a.py").touch()
    assert failure(f"{tmp_path}/a").endswith(f"Did you mean '{tmp_path}/a.py'?")
    assert failure(f"{tmp_path}/a.py --port 80").endswith(f"launch('{tmp_path}/a.py', '--port', '80')")


def test_a_script_may_launch_another():
    source = (
        "import socket\nfrom servers import launch\nprint(launch('tcp_loop').port)\n"
        "s = socket.create_server(('127.0.0.1', 0))\nwhile True:\n    s.accept()\n"
    )
    with launch(source, name="outer") as outer:
        assert ask(("127.0.0.1", int(eventually(lambda: outer.log))), b"hello") == [b"hello"]


def test_output_is_kept_and_bounded(capfd):
    source = (
        "import socket, sys\nprint('10 %\\r\\x1b[K\x1b[31mout\x1b[0m\\x1b]0;title\\a\\r')\n"
        "print('err', file=sys.stderr)\nprint('no newline', end='', flush=True)\n"
        "s = socket.create_server(('127.0.0.1', 0))\ns.accept()\n"
        "sys.stdout.write('x' * 1_000_000 + '\\n' + 'last words')\nsys.stdout.flush()\ns.accept()\n"
    )
    with launch(source) as server:
        eventually(lambda: server.log == "out\nerr\nno newline")
        connect(server.address).close()
        eventually(lambda: server.log.endswith("last words"))
        assert "(998010 bytes of this line are not kept)" in server.log and len(server.log) < 5_000
    assert capfd.readouterr() == ("", "")


def test_old_lines_are_forgotten_and_the_last_stay():
    source = "for number in range(100_000):\n    print(number)\n1 / 0\n"
    server = runtime.Server(source, (), "wordy", PATIENCE, True, False)
    with pytest.raises(LaunchError):
        server.start()
    lines = server.log.splitlines()
    assert lines[0] == "(what was printed before is not kept)" and lines[-1].startswith("ZeroDivisionError")
    numbers = [int(line) for line in lines if line.isdigit()]
    assert numbers == list(range(numbers[0], 100_000)) and len(server.log) <= MAX_OUTPUT + 100


def test_who_has_seen_it_end_finds_its_last_words(monkeypatch):
    monkeypatch.setattr(Output, "read", lambda output: None)  # as if the reading thread never ran
    source = "import socket\ns = socket.create_server(('127.0.0.1', 0))\ns.accept()\nraise ValueError('last words')"
    with launch(source) as server:
        connect(server.address).close()
        eventually(lambda: not server.running)
        assert server.log.splitlines()[-1] == "ValueError: last words"


# ---------------------------------------------------------------- what it says


def test_a_port_in_use_names_who_has_it():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        text = failure("tcp_loop", "--port", port)
        assert f"port {port} is in use by PID {os.getpid()} (" in text and "stop it or choose another" in text
        assert "servers/runtime" not in text
    with launch("tcp_fork", name="other") as other:
        with pytest.raises(LaunchError, match=rf"port {other.port} is in use by PID {other.pid} \(python \S*tcp_fork.py\)"):
            launch("tcp_loop", "--port", other.port)


def test_a_udp_port_in_use():
    with socket.socket(type=socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        assert f"port {port} is in use by PID {os.getpid()} (" in failure("udp_loop", "--port", port)


def test_another_protocols_port_is_not_in_the_way():
    with launch("tcp_loop", "--port", unused_port()) as tcp, launch("udp_loop", "--port", tcp.port) as udp:
        assert udp.address == tcp.address


def test_a_port_in_time_wait():
    """The server closes first, so its end is in TIME_WAIT; without SO_REUSEADDR the port cannot be bound."""
    source = (
        "import socket, sys\ns = socket.socket()\ns.bind(('127.0.0.1', int(sys.argv[1])))\ns.listen()\n"
        "c, _ = s.accept()\nc.shutdown(socket.SHUT_WR)\nc.recv(1)\nc.close()\ns.accept()\n"
    )
    with launch(source, 0) as server:
        client = connect(server.address)
        assert client.recv(1) == b""
        client.close()
        eventually(lambda: any(event.kind == "close" for event in server.events()))
    if sys.platform == "linux":
        text = failure(source, server.port)
        assert f"port {server.port} is in use" in text and "TIME_WAIT" in text and "SO_REUSEADDR" in text


@pytest.mark.parametrize("port, is_told", [(80, True), (8000, False)])
def test_a_privileged_port(port, is_told):
    """Root never gets this error, so its events are written out here."""
    denied = Event("bind", 1, 1, "", 1, 2, 0, f"127.0.0.1:{port} EACCES")
    log = 'Traceback (most recent call last):\n  File "s.py", line 1, in <module>\nPermissionError: [Errno 13] Permission denied'
    text = launch_diagnostics.explain("script", [denied], 1, log, 10)
    assert (f"Port {port} is below 1024" in text) == is_told


def test_an_address_that_is_no_address_is_told_by_the_script_itself():
    text = failure("import socket\n\ns = socket.socket()\ns.bind(('127.0.0.1', 99999))\n", name="cell")
    assert "OverflowError" in text and '"%%server cell", line 4' in text


@pytest.mark.parametrize(
    "source, expected",
    [
        ("import nothing_here\n", ["exited with code 1", "ModuleNotFoundError", '"%%server script", line 1']),
        ("\nx = (\n", ["exited with code 1", "SyntaxError", '"%%server script", line 2']),
        ("import sys\nsys.exit(3)\n", ["exited with code 3"]),
        ("import sys\nsys.exit('my words')\n", ["exited with code 1", "my words"]),
        ("import os\nos.kill(os.getpid(), 11)\n", ["ended by signal SIGSEGV"]),
        ("import os\nos.kill(os.getpid(), 9)\n", ["ended by signal SIGKILL"]),
        ("print('hi')\n\n", ["exited with code 0", "came to its end", "hi"]),
        ("import asyncio\nasync def main(): pass\nmain()\n", ["exited with code 0", "only makes a coroutine"]),
        ("import socket\ntry:\n    socket.socket().bind('', 8000)\nexcept: pass\n", ["bind() failed", "`except` of the script"]),
        ("import asyncio\nawait asyncio.sleep(0)\n", ["SyntaxError: 'await' outside function", "`async def main():`"]),
        ("async with lock:\n    pass\n", ["SyntaxError", "`async def main():`"]),
        (
            "import socket\ns = socket.socket()\ntry:\n    s.connect(('127.0.0.1', 1))\nexcept OSError:\n    pass\n",
            ["as a client does"],
        ),
        ("import socket\nsocket.create_connection(('127.0.0.1', 1))\n", ["ConnectionRefusedError", "as a client does"]),
        ("import socket\nsocket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 1))\n", ["as a client does"]),
        ("\nimport nothing_here\n", ["ModuleNotFoundError", "%pip install NAME"]),
        ("\nimport msvcrt\n", ["ModuleNotFoundError", "only on Windows"]),
        ("\nimport SocketServer\n", ["ModuleNotFoundError", "use socketserver instead"]),
        ("import asyncio\nasyncio.WindowsSelectorEventLoopPolicy()\n", ["AttributeError", "on Windows only"]),
        ("import asyncio\n@asyncio.coroutine\ndef serve(): pass\n", ["AttributeError", "by `async def`"]),
        ("import os\nport = int(os.environ['PORT_OF_NOBODY'])\n", ["KeyError", "%env PORT=8000"]),
        ("import socket\nsocket.socket().bind('127.0.0.1', 8000)\n", ["TypeError", "bind((host, port))"]),
        (
            "import http.server\nhttp.server.HTTPServer(('127.0.0.1', '8000'), None)\n",
            ["TypeError: 'str' object cannot be interpreted as an integer", "int(port)"],
        ),
        ("\nfrom .handlers import Echo\n", ["ImportError: attempted relative", "Leave out the dot"]),
        ("import sys\nport = int(sys.argv[1])\n", ["IndexError", "Pass them after its name"]),
        ("import sys\nhost, port = sys.argv[1:]\n", ["ValueError", "Pass them after its name"]),
        ("import sys\nprint('Usage: server.py PORT')\nsys.exit()\n", ["exited with code 0", "Pass them after its name"]),
        (
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('port')\np.parse_args()\n",
            ["exited with code 2", "arguments are required: port", "Pass them after its name"],
        ),
        (
            "import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.accept()\n",
            ["[Errno 22] Invalid argument", "call listen() after bind()"],
        ),
        (
            "import socket\nwith socket.create_server(('127.0.0.1', 0)) as s:\n    pass\ns.accept()\n",
            ["script listened at 127.0.0.1:", "[Errno 9] Bad file descriptor", "inside the `with` block"],
        ),
        (
            "import asyncio\n\nasync def main():\n    await asyncio.start_server(None, '127.0.0.1', 0)\n\nasyncio.run(main())\n",
            ["script listened at 127.0.0.1:", "exited with code 0", "asyncio.run()"],
        ),
        (
            "import socket, sys\ntry:\n    socket.socket().bind(('', 8000))\nexcept OSError:\n    sys.exit('bind failed')\n",
            ["bind failed", "other machines can reach", "Bind '127.0.0.1' instead"],
        ),
        (
            "import socket, tempfile\nwith tempfile.TemporaryDirectory() as folder:\n    for _ in range(2):\n"
            "        socket.socket(socket.AF_UNIX).bind(folder + '/socket')\n",
            ["Address already in use", "delete it before bind()"],
        ),
    ],
)
def test_a_script_that_ends_before_it_listens(source, expected):
    text = failure(source)
    assert text.startswith("script ")
    assert all(words in text for words in expected)
    assert "servers/runtime" not in text


@pytest.mark.parametrize(
    "error, expected",
    [
        ("RuntimeError: There is no current event loop in thread 'MainThread'.", "asyncio.run(main())"),  # from Python 3.14 on
        ("AttributeError: module 'ssl' has no attribute 'wrap_socket'", "ssl.PROTOCOL_TLS_SERVER"),  # from Python 3.12 on
        ("    s.bind((host, 8000))\nsocket.gaierror: [Errno -2] Name or service not known", "no http://"),
        ("OSError: Name or service not known (while attempting to bind on address ('a b', 8000))", "no http://"),
        ("    s = socket()\n        ^^^^^^^^\nTypeError: 'module' object is not callable", "the class in it"),
        ("    socket(socket.AF_INET)\nAttributeError: type object 'socket' has no attribute 'AF_INET'", "the class alone"),
        (f"    s.listen()\nOSError: [Errno {errno.EOPNOTSUPP}] Operation not supported", "loop around recvfrom()"),
        ("    fd, addr = self._accept()\nBlockingIOError: [Errno 11] Resource temporarily unavailable", "a selector wait first"),
        ("ValueError: a coroutine was expected, got <function main at 0x1>", "asyncio.run(main())"),
        ("TypeError: 'coroutine' object ...\nRuntimeWarning: coroutine 'start_server' was never awaited", "only makes a coroutine"),
        ("RuntimeError: asyncio.run() cannot be called from a running event loop\nRuntimeWarning: ... was never awaited", "already: a"),
        ("TypeError: create_server() takes 1 positional argument but 2 were given", "a pair in parentheses"),
        ("_curses.error: cbreak() returned ERR", "wants a terminal"),
        ("SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?", "for Python 2"),
        ("NameError: name 'raw_input' is not defined", "for Python 2"),
        ("ImportError: /lib/_random.so: failed to map segment from shared object", "300 MB higher"),
        ("OSError: [Errno 12] Cannot allocate memory", "300 MB higher"),
    ],
)
def test_what_an_error_means(error, expected):
    log = f'Traceback (most recent call last):\n  File "s.py", line 1, in <module>\n    ...\n{error}\n'
    assert launch_diagnostics.explain("script", [], 1, log, 10).count(expected) == 1


def test_a_listener_without_an_address_is_told_the_port_that_was_taken():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = Event("bind", 1, 1, "", 1, 1, 0, f"127.0.0.1:{holder.getsockname()[1]} EADDRINUSE")
        log = (
            'Traceback (most recent call last):\n  File "s.py", line 8, in <module>\n    s.listen()\n'
            "PermissionError: [Errno 13] listen() on a socket that has no address yet\n"
        )
        assert f"in use by PID {os.getpid()}" in launch_diagnostics.explain("script", [taken], 1, log, 10)


IN_USE = "import socket, sys\nport = int(sys.argv[1])\n"
TAKES_IT = "s = socket.socket()\ns.bind(('127.0.0.1', port))\n"


@pytest.mark.parametrize(
    "source, expected",
    [
        (
            "from multiprocessing import Manager\nif __name__ == '__main__':\n    manager = Manager()\n    undefined\n",
            "NameError",
        ),
        (IN_USE + "try:\n    socket.socket().bind(('127.0.0.1', port))\nexcept OSError:\n    pass\nundefined\n", "NameError"),
        (
            IN_USE + TAKES_IT.replace("port", "0") + "try:\n    s.bind(('127.0.0.1', port))\nexcept OSError:\n    undefined\n",
            "NameError",
        ),
        ("import socket\nundefined = socket.getaddrinfo('127.0.0.1', 'not there')\n", "gaierror"),  # without asking another machine
        ("import sys\nnumbers = len(sys.argv) * [1]\nnumbers[9]\n", "IndexError"),
    ],
)
def test_no_guess_stands_beside_another_error(source, expected):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        text = failure(source, holder.getsockname()[1])
    fact, _, rest = text.partition("\n\n")
    assert fact == "script exited with code 1 before it listened."
    assert expected in rest.splitlines()[-1], text


def test_a_traceback_stands_above_what_may_be_behind_it():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        text = failure(IN_USE + TAKES_IT, holder.getsockname()[1])
    assert text.startswith("script exited with code 1 before it listened.\n\n    Traceback")
    assert f"in use by PID {os.getpid()}" in text.splitlines()[-1]


def test_a_script_that_binds_its_port_twice():
    text = failure("import socket\ns = socket.create_server(('127.0.0.1', 0))\nsocket.create_server(s.getsockname())\n")
    assert "Traceback" in text and "Errno" in text
    assert "in use by this script itself" in text.splitlines()[-1]


@pytest.mark.parametrize("watch", [True, False])
@pytest.mark.parametrize(
    "source, expected",
    [
        (
            "import socketserver, threading\ns = socketserver.TCPServer(('127.0.0.1', 0), socketserver.StreamRequestHandler)\n"
            "threading.Thread(target=s.serve_forever, daemon=True).start()\n",
            ["exited with code 0 at once", "daemon=True"],
        ),
        ("import socket\ns = socket.create_server(('127.0.0.1', 0))\nundefined\n", ["exited with code 1 at once", "NameError"]),
    ],
)
def test_a_server_that_ends_right_after_listening(source, expected, watch):
    text = failure(source, watch=watch)
    assert text.startswith("script listened at 127.0.0.1:") and all(words in text for words in expected), text


NEVER_RETURNS = """
import threading

def wait():
    print("working on", end=" ", flush=True); threading.Event().wait()

threading.Thread(target=threading.Event().wait, daemon=True).start()
wait()
"""


@pytest.mark.parametrize("watch", [True, False])
def test_a_script_that_never_listens(monkeypatch, watch):
    explain = runtime.Server._what_went_wrong

    def explain_late(server):
        eventually(lambda: server.log)  # Python may take longer to start than this launch waits
        return explain(server)

    monkeypatch.setattr(runtime.Server, "_what_went_wrong", explain_late)
    monkeypatch.setattr(runtime, "TO_TELL", PATIENCE)
    text = failure(NEVER_RETURNS, timeout=0.5, watch=watch)
    assert "did not listen within 0.5 s" in text and "\n    working on\n" in text
    places = text.partition("It is here (most recent call last):\n\n")[2].splitlines()
    assert places[:2] == ['      File "%%server script", line 8, in <module>', '      File "%%server script", line 5, in wait']
    assert "Thread" not in text and "servers/runtime" not in text


LOOP = """Current thread 0x1 (most recent call first):
{}  File "/lib/python3.11/asyncio/base_events.py", line 1884 in _run_once
  File "/lib/python3.11/asyncio/runners.py", line 190 in run
  File "server.py", line 10 in <module>
"""


@pytest.mark.parametrize(
    "inside, shown, is_loop",
    [
        ('  File "/lib/python3.11/selectors.py", line 468 in select\n', ["server.py"], True),
        ('  File "server.py", line 5 in main\n', ["server.py", "runners.py", "base_events.py", "server.py"], False),
    ],
)
def test_an_event_loop_that_waits_is_no_place_in_the_script(inside, shown, is_loop):
    assert launch_diagnostics.runs_a_loop("hello\n" + LOOP.format(inside)) == is_loop
    _, place = launch_diagnostics.log_and_place("hello\n" + LOOP.format(inside))
    assert re.findall(r"(\w+\.py)", place) == shown and ("coroutine" in place) == is_loop
    assert launch_diagnostics.log_and_place(LOOP[:45] + "  <no Python frame>\n") == ("\n", "")


def test_a_task_that_was_pending_tells_where_a_loop_waited():
    """An interrupt of loop.run_forever() ends the loop without being raised in a coroutine."""
    task = "task: <Task pending name='Task-1' coro=<Room.open() running at /chat.py:3> wait_for=<Future pending cb=[wakeup()]>>\n"
    told = launch_diagnostics.coroutine_that_waits("KeyboardInterrupt\nTask was destroyed but it is pending!\n" + task)
    assert told.endswith('waits here:\n\n      File "/chat.py", line 3, in Room.open')


AWAITS = """
import asyncio

async def settings():
    await asyncio.Event().wait()

async def main():
    await settings()

asyncio.run(main())
"""


def test_a_coroutine_that_waits_is_named(monkeypatch):
    ask = runtime.Server._ask_where_it_is

    def ask_late(server):
        eventually(lambda: asleep(server.pid))
        ask(server)

    monkeypatch.setattr(runtime.Server, "_ask_where_it_is", ask_late)
    monkeypatch.setattr(runtime, "TO_TELL", PATIENCE)
    places = failure(AWAITS, timeout=1).partition("Its main coroutine waits here:\n\n")[2].split("\n")
    assert places[0].endswith("script\", line 8, in main") and places[2].endswith("script\", line 5, in settings")
    assert len(places) == 4


LISTENS_LATE = """
import os, socket, time
while not os.path.exists("now"):
    time.sleep(0.01)
socket.create_server(("127.0.0.1", 0)).accept()
"""


def test_a_listener_that_comes_too_late_is_not_told_as_closed(monkeypatch, tmp_path):
    def ask(server):
        Path("now").touch()
        eventually(lambda: server.address)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(runtime.Server, "_ask_where_it_is", ask)
    assert "did not listen within 0.1 s" in failure(LISTENS_LATE, timeout=0.1)


@pytest.mark.parametrize(
    "printed, asks", [("Port? ", True), ("loading\nport [5000]:", True), ("loading 40%", False), ("Why?\n", False)]
)
def test_a_script_that_asks_is_told_that_nobody_types(printed, asks):
    assert ("input()" in launch_diagnostics.explain("script", [], None, printed, 10)) == asks
    assert "breakpoint()" in launch_diagnostics.explain("script", [], None, f"{printed}\n(Pdb) ", 10)


def test_a_script_that_reads_standard_input_is_told_that_nobody_types(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import json, sys\n\nsettings = json.load(sys.stdin)\n")
    places = [f'It is here:\n\n  File "{script}", line {line}, in <module>\n' for line in (1, 3)]
    assert [launch_diagnostics.waits_for_a_typist(place) for place in places] == [False, True]


def test_a_bound_tcp_socket_does_not_listen():
    assert "did not listen" in failure("import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\n" + NEVER, timeout=0.5)


def test_a_listener_that_is_closed_while_its_script_runs_on():
    listened = Event("listen", 1, 1, "", 1, 2, 0, "127.0.0.1:8000")
    text = launch_diagnostics.explain("script", [listened], None, "", 10)
    assert text.startswith("script listened at 127.0.0.1:8000 and closed that listener.") and "as long as it runs" in text


def test_a_file_that_lies_beside_the_script(tmp_path):
    (tmp_path / "settings.ini").touch()
    for call in "open({!r})", "import ssl; ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain({!r})":
        for name, is_there in ("settings.ini", True), ("else.ini", False):
            (tmp_path / "script.py").write_text(call.format(name) + "\n")
            text = failure(tmp_path / "script.py")
            assert "FileNotFoundError" in text and (f"pathlib.Path(__file__).parent / {name!r}" in text) == is_there


def test_a_failure_ends_the_children_too():
    assert "did not listen" in failure("import os\nos.fork()\nos.setsid() if os.fork() == 0 else 0\n" + NEVER, timeout=0.5)


def test_a_launch_that_is_interrupted_leaves_nothing():
    def interrupt():
        eventually(lambda: running.servers)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        launch(NEVER)
    assert not running.servers


# ---------------------------------------------------------------- loopback only

REFUSED = {
    "every address": "socket.socket().bind(('0.0.0.0', 0))",
    "as bytes that may change": "socket.socket().bind((bytearray(b'0.0.0.0'), 0))",
    "every address, empty": "socket.socket().bind(('', 0))",
    "every IPv6 address": "socket.socket(socket.AF_INET6).bind(('::', 0))",
    "an address of the network": "socket.socket().bind(('192.0.2.1', 0))",
    "broadcast": "socket.socket(type=socket.SOCK_DGRAM).bind(('<broadcast>', 0))",
    "UDP": "socket.socket(type=socket.SOCK_DGRAM).bind(('', 0))",
    "listen without bind": "socket.socket().listen()",
    "create_server": "socket.create_server(('', 0))",
    "socketserver": "import socketserver; socketserver.TCPServer(('', 0), None)",
    "http.server": "import http.server; http.server.HTTPServer(('0.0.0.0', 0), None)",
    "asyncio": "import asyncio; asyncio.run(asyncio.start_server(None, '0.0.0.0', 0))",
    "asyncio everywhere": "import asyncio; asyncio.run(asyncio.start_server(None, None, 0))",
    "multiprocessing": "import multiprocessing.connection as m; m.Listener(('0.0.0.0', 0))",
}


@pytest.mark.parametrize("watch", [True, False])
@pytest.mark.parametrize("how", REFUSED)
def test_refused(how, watch):
    text = failure(f"import socket\n{REFUSED[how]}\n", watch=watch).lower()  # asyncio writes it in lower case
    assert "permissionerror" in text
    assert re.search(r"bind '(127\.0\.0\.1|::1)' instead", text) and "allow_any_address=true" in text
    assert "servers/runtime" not in text
    assert ("no multicast" in text) == (how in ("UDP", "broadcast"))
    assert ("no address yet" in text) == ("before listen()" in text) == (how == "listen without bind")


@pytest.mark.parametrize(
    "source, instead",
    [("('', 0)", "127.0.0.1"), ("('', 0), family=socket.AF_INET6", "::1"), ("('::', 0), family=socket.AF_INET6", "::1")],
)
def test_who_is_refused_is_told_an_address_of_the_same_family(source, instead):
    assert f"bind '{instead}' instead" in failure(f"import socket\nsocket.create_server({source})\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2", "::1"])
def test_loopback_is_fine(host):
    if host == "127.0.0.2" and sys.platform != "linux":
        pytest.skip("only Linux has all of 127.0.0.0/8")
    family = "AF_INET6" if ":" in host else "AF_INET"
    source = f"import socket\ns = socket.create_server(('{host}', 0), family=socket.{family})\ns.accept()\n"
    with launch(source) as server:
        connect(server.address).close()


def test_a_teacher_may_allow_any_address():
    source = "import socket\ns = socket.create_server(('', 0))\ns.accept()\n"
    with launch(source, allow_any_address=True) as server:
        connect(("127.0.0.1", server.port)).close()
        assert server.host == "0.0.0.0"


LISTENERS_THAT_THE_PROBE_DOES_NOT_SEE = {
    "a child program": "import subprocess, sys\nsubprocess.run([sys.executable, '-I', '-m', 'http.server', '0', '--bind', '127.0.0.1'])\n",
    "UDP, a child program": "import subprocess, sys\nsubprocess.run([sys.executable, '-I', '-c', 'import socket\\n"
    's = socket.socket(type=socket.SOCK_DGRAM)\\ns.bind(("127.0.0.1", 0))\\nwhile True: s.sendto(*s.recvfrom(100))\'])\n',
    "after exec": "import os, sys\n\nos.execv(sys.executable, ['python', '-I', '-m', 'http.server', '0', '--bind', '127.0.0.1'])\n",
}
if sys.platform == "linux":  # elsewhere the limit has no effect
    LISTENERS_THAT_THE_PROBE_DOES_NOT_SEE["without room for the probe's memory"] = (
        "import os, resource, sys\nif resource.getrlimit(resource.RLIMIT_AS)[0] != 250_000_000:\n"
        "    resource.setrlimit(resource.RLIMIT_AS, (250_000_000,) * 2)\n    os.execv(sys.executable, sys.orig_argv)\n"
        "import http.server\nhttp.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler).serve_forever()\n"
    )


@pytest.mark.parametrize("source", LISTENERS_THAT_THE_PROBE_DOES_NOT_SEE.values(), ids=LISTENERS_THAT_THE_PROBE_DOES_NOT_SEE)
def test_a_server_is_found_whoever_listens(source):
    with launch(source, name="foreign") as server:
        assert not server.watchable and "It cannot be watched" in repr(server)
        if server.kind == "udp":
            assert ask_udp(server.address, b"hello") == b"hello"
            return
        with connect(server.address) as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert read_all(client).startswith(b"HTTP/1.0 200")
        assert "sitecustomize" not in server.log


PASSED_ON = """
import os, socket, subprocess, sys

if len(sys.argv) == 1:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.set_inheritable(True)
    command = [sys.executable, *{options}, __file__, str(listener.fileno())]
    {start}
listener = socket.socket(fileno=int(sys.argv[1]))
print("led here:", "SERVERS_BOOTSTRAP" in os.environ, flush=True)
while True:
    connection, peer = listener.accept()
    connection.sendall(b"served")
    connection.close()
"""
STARTS = (
    "sys.exit(subprocess.call(command, close_fds=False))",
    "os.execv(command[0], command)",
    "os.execve(command[0], command, {})",
    'open(__file__, "r+").write(f"#!{sys.executable} -u\\n{open(__file__).read()}"); os.chmod(__file__, 0o700)\n'
    "    os.execv(command[-2], command[-2:])",  # like a command installed by pip, gunicorn say
)


@pytest.mark.parametrize("start", STARTS[:1] + STARTS[2:])  # the last one uses execv too
def test_who_is_handed_the_listener_is_watched(start):
    """Like a reloader, it starts the same script again in a child or by exec."""
    with launch(PASSED_ON.format(options=[], start=start), name="passes_on") as server:
        assert server.watchable  # the other program may not have started yet
        with connect(server.address) as client:
            assert read_all(client) == b"served"
            peer = "%s:%d" % client.getsockname()
        eventually(lambda: {event.kind for event in server.events() if event.peer == peer} == {"accept", "send", "close"})
        assert server.watchable


@pytest.mark.parametrize("start", STARTS[:2])
def test_a_listener_in_hands_that_cannot_be_watched(start):
    with launch(PASSED_ON.format(options=["-I"], start=start), name="passes_on") as server:
        assert read_all(connect(server.address)) == b"served"
        eventually(lambda: "led here: False" in server.log)
        assert not server.watchable


MOVES = """
import os, socket, sys
while True:
    if os.fork():
        os.wait()
        continue
    listener = socket.create_server(("127.0.0.1", 0))
    connection, peer = listener.accept()
    connection.sendall(b"a reloader starts me again")
    sys.exit()
"""


def test_the_address_follows_a_server_that_moves():
    with launch(MOVES, name="moves") as server:
        first = server.address
        assert read_all(connect(first))
        assert eventually(lambda: server.address != first and server.address)
        assert read_all(connect(server.address))


def test_a_datagram_socket_beside_a_tcp_server_is_not_its_address():
    source = (
        "import socket, time\nu = socket.socket(type=socket.SOCK_DGRAM)\nu.bind(('127.0.0.1', 0))\n"
        "time.sleep(0.3)\n"  # long enough to look like a server that has started
        "s = socket.create_server(('127.0.0.1', 0))\nwhile True:\n    s.accept()[0].sendall(b'tcp')\n"
    )
    with launch(source, name="beside") as server:
        eventually(lambda: server.kind == "tcp")
        with connect(server.address) as client:
            assert client.recv(3) == b"tcp"


CHILD_PRINTS = """
import os, socket, subprocess, sys
prints = [sys.executable, "-c", "import time; print('child at work'); time.sleep(60)"]
listener = socket.create_server(("127.0.0.1", 0))
subprocess.Popen(prints)
subprocess.Popen(prints, env={**os.environ, "OWN": "1"})
print("PYTHONUNBUFFERED" in os.environ)
listener.accept()
"""


def test_what_a_child_prints_shows_while_it_runs(monkeypatch):
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    with launch(CHILD_PRINTS, name="prints") as server:
        eventually(lambda: server.log.count("child at work") == 2)
        eventually(lambda: "False" in server.log)


@pytest.mark.parametrize(
    "source",
    [
        "import subprocess, sys\nsubprocess.run([sys.executable, '-I', '-m', 'http.server', '0', '--bind', '0.0.0.0'])\n",
        "import _socket, socket\ns = socket.socket()\n_socket.socket.bind(s, ('0.0.0.0', 0))\ns.listen()\ns.accept()\n",
    ],
)
def test_what_listens_for_everybody_without_our_seeing_it_bind_is_ended_and_told(source):
    with pytest.raises(LaunchError, match="other machines can reach it"):
        launch(source, name="open")


@pytest.mark.skipif(tcp_listeners.listeners() is None, reason="this system does not tell who listens")
def test_what_address_and_timeline_do_not_tell(monkeypatch):
    source = (
        "import socket\na, b, c, *more = (socket.create_server(('127.0.0.1', 0)) for _ in range(6))\n"
        "print(b.getsockname()[1], c.getsockname()[1], flush=True)\na.accept()\n"
    )
    with launch(source, name="three") as server:
        ports = eventually(lambda: sorted(map(int, server.log.split())))
        monkeypatch.setattr(runtime, "MOST_NAMED", 2)
        assert re.fullmatch(r"It listens at 127.0.0.1:\d+ and 4 more addresses, too.", server.remarks[0])
        monkeypatch.setattr(tcp_listeners, "held_by", lambda *_: [server.address, *(("127.0.0.1", port) for port in ports)])
        assert server.remarks == ["It listens at 127.0.0.1:%d and 127.0.0.1:%d, too." % tuple(ports)]
        monkeypatch.setattr(listening, "INTERPRETERS", re.compile("stack"))  # loading the real one takes a while
        assert "sub-interpreters" in server.remarks[1] in repr(server)


CHOOSES_ONE_PORT = """
import contextlib, socket
back_end = socket.create_server(("127.0.0.1", 0))
for port in range(20_000, 32_000):
    with contextlib.suppress(OSError):
        server = socket.create_server(("127.0.0.1", port))
        break
server.accept()
"""


def test_the_port_that_the_script_chose_is_the_servers_and_one_that_the_kernel_picked_a_helpers():
    with launch(CHOOSES_ONE_PORT, name="proxy") as server:
        assert server.port < 32_000


SERVED_BY_ANOTHER = {  # how `cat` gets the client's connection
    "subprocess": "cat = subprocess.Popen(['cat'], stdin=c, stdout=c)\n",
    "exec": "if os.fork() == 0:\n    os.dup2(c.fileno(), 0)\n    os.dup2(c.fileno(), 1)\n    os.execvp('cat', ['cat'])\n",
}


@pytest.mark.skipif(tcp_listeners.listeners() is None, reason="this system does not tell who listens")
@pytest.mark.parametrize("way", SERVED_BY_ANOTHER)
def test_that_another_program_serves_a_client_is_said_while_it_does_and_after(way):
    source = (
        "import os, socket, subprocess\na, b = socket.socketpair()\na.send(b'x')\nsubprocess.Popen(['cat'], stdin=a)\n"  # of no client
        "s = socket.create_server(('127.0.0.1', 0))\nc, _ = s.accept()\n"
        f"{SERVED_BY_ANOTHER[way]}c.close()\nos.wait()\nprint('it has ended', flush=True)\ns.accept()\n"
    )
    with launch(source, name="inetd") as server:
        server.sync()
        assert server.remarks == []
        with connect(server.address) as client:
            assert says(client, b"hello") == b"hello"
        eventually(lambda: server.log == "it has ended")
        server.sync()
        assert "another program, and what" in server.unseen and server.watchable
        server.restart()
        assert server.unseen == ""


ACCEPTED_IN_C = """
import _socket, socket
listener = socket.create_server(("127.0.0.1", 0))
one = _socket.socket(fileno=_socket.socket._accept(listener)[0])  # as in gevent; uvloop has C code for it
one.sendall(one.recv(100))
other, _ = listener.accept()
other.sendall(other.recv(100))
listener.accept()
"""


@pytest.mark.skipif(tcp_listeners.listeners() is None, reason="this system does not tell who listens")
def test_that_c_code_accepts_what_python_listens_for_is_said_and_stays_said():
    with launch(ACCEPTED_IN_C, name="like sanic") as server:
        with connect(server.address) as client, connect(server.address):
            client.sendall(b"hello\n")
            assert client.recv(100) == b"hello\n" and server.watchable
            eventually(lambda: "accept clients, and what these send and get is not shown" in server.unseen)
        assert "accept clients" in server.remarks[0]
        server.restart()
        assert server.unseen == ""


def test_clients_whose_accept_is_recorded_are_no_suspects():
    with launch("tcp_fork") as server, connect(server.address) as client:
        client.sendall(b"hello\n")
        client.recv(100)
        assert [server.unseen for _ in range(3)] == [""] * 3


OPENS_LATER = """
import _socket, socket
with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as beside:
    listener.accept()
    _socket.socket.bind(beside, ("0.0.0.0", 0))
    _socket.socket.listen(beside)
    listener.accept()
"""


@pytest.mark.skipif(tcp_listeners.listeners() is None, reason="this system does not tell who listens")
def test_what_listens_for_everybody_later_beside_a_loopback_listener_is_ended_and_told():
    with launch(OPENS_LATER, name="opens") as server:
        connect(server.address).close()
        eventually(lambda: server.over)
        assert server.log.startswith("opens listens at 0.0.0.0:") and not server.pids()


CONSOLE = """
import select, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
while True:
    ready, _, _ = select.select([listener, sys.stdin], [], [])
    if sys.stdin in ready:
        sys.exit("a key was pressed")
    connection, peer = listener.accept()
    connection.sendall(connection.recv(100))
    connection.close()
"""


def test_standard_input_is_a_console_at_which_nobody_types():
    with launch(CONSOLE, name="console") as server:
        assert ask(server.address, b"hello") == [b"hello"] == ask(server.address, b"hello")
        assert server.running


DAEMON = """
import os, socket, time
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
time.sleep(60)
"""


def test_the_helpers_of_multiprocessing_are_no_daemon():
    helper = "from multiprocessing.resource_tracker import main\nimport time\ntime.sleep(60)"
    with pytest.raises(LaunchError) as failure:
        launch(f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {helper!r}])\nprint('the end')\n", name="pool")
    assert str(failure.value).startswith("pool exited with code 0 before it listened")


def test_a_daemon_is_told_and_ended():
    with pytest.raises(LaunchError, match="makes itself a daemon"):
        launch(DAEMON, name="daemon")


GIVES_UP_ITS_FIRST = """
import socket, time
{}
while True:
    connection, peer = listener.accept()
    connection.sendall(connection.recv(100))
    connection.close()
"""


@pytest.mark.parametrize("sooner", [False, True])
def test_an_address_that_was_closed_again_is_not_the_servers(sooner):
    first, then = "first = socket.create_server(('127.0.0.1', 0))\n", "listener = socket.create_server(('127.0.0.1', 0))\n"
    source = first + then + "first.close()\n" if sooner else first + "first.close()\ntime.sleep(0.3)\n" + then
    with launch(GIVES_UP_ITS_FIRST.format(source), name="second_thoughts") as server:
        assert ask(server.address, b"hello") == [b"hello"] and server.watchable


def test_a_server_that_has_ended_tells_where_it_was():
    closes_at_its_end = """
import signal, sys, time
from socket import create_server
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
with create_server(("127.0.0.1", 0)):
    time.sleep(60)
"""
    server = launch(closes_at_its_end, name="closes_at_its_end")
    address = server.address
    server.stop()
    assert address and server.address == address
