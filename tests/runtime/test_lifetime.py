"""A server lives as long as its notebook's kernel and no longer, whatever ends it; all with real processes and real kernels."""

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import nbval.kernel
import psutil
import pytest
from support import PATIENCE, ask, asleep, connect, eventually, listens, process_of, read_all, says, unused_port

from servers import LaunchError, launch
from servers.runtime import process_tree, running

# A server whose process tree tries everything to survive: children, grandchildren, daemons in their own session, ignoring SIGTERM.
STUBBORN = """
import os, signal, socket, time

listener = socket.create_server(("127.0.0.1", 0))


def stay(*deeds):
    if os.fork():
        return
    for deed in deeds:
        deed()
    while True:
        time.sleep(1)


def deaf():
    for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
        signal.signal(number, signal.SIG_IGN)


def fork_again():
    if os.fork():
        os._exit(0)


stay()
stay(deaf)
stay(lambda: os.fork())
stay(os.setsid, fork_again, os.setsid, deaf)
stay(os.setpgrp, fork_again)
stay(lambda: os.kill(os.getpid(), signal.SIGSTOP))
time.sleep(0.1)
listener.listen()
while True:
    listener.accept()
"""
STUBBORN_FAMILY = 10  # the server, seven that run or are stopped, and two zombies


def alive(pids):
    """Return those of these processes that are alive; a zombie is not, even if it has yet to be reaped."""
    processes = psutil.process_iter(["status"])
    return [one.pid for one in processes if one.pid in pids and one.info["status"] != psutil.STATUS_ZOMBIE]


def gone(pids):
    eventually(lambda: not alive(pids), f"the end of {pids}")


def family_of(server):
    return [process.pid for process in server.processes()] + [server.supervisor_pid]


# ---------------------------------------------------------------- stop and restart


def test_stop_returns_when_the_port_is_free_and_the_family_gone():
    for name in "tcp_loop", "tcp_fork", "ForkingTCPServer", "ThreadingTCPServer":
        server = launch(name)
        clients = [connect(server.address) for _ in range(3)]
        says(clients[0], b"who")
        pids = family_of(server)
        server.stop()
        assert not alive(pids) and not [pid for pid in pids if psutil.pid_exists(pid)]
        assert not listens(server.address)
        assert server.state == "stopped" and server.processes() == []


def test_stop_ends_the_most_stubborn_family():
    server = launch(STUBBORN)
    pids = eventually(lambda: len(found := family_of(server)) == STUBBORN_FAMILY + 1 and found, "the whole family")
    eventually(lambda: "stopped" in [process.state for process in server.processes()], "the one that stops itself")
    server.stop(grace=0.1)
    assert not alive(pids)


def test_stop_asks_politely_first():
    source = (
        "import signal, socket, sys\ns = socket.create_server(('127.0.0.1', 0))\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit('tidied up'))\ns.accept()\n"
    )
    server = launch(source)
    eventually(lambda: asleep(server.pid))
    server.stop(grace=PATIENCE)
    assert server.log == "tidied up"


# A master process with a worker that prints which process ended it.
MASTER = """
import os, signal, socket, sys

s = socket.create_server(("127.0.0.1", 0))
worker = os.fork()
if worker == 0:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("the worker was told by another"))
    signal.signal(signal.SIGUSR1, lambda *_: sys.exit("the worker was told by its master"))
    while True:
        signal.pause()


def end(*_):
    os.kill(worker, signal.SIGUSR1)
    os.waitpid(worker, 0)
    sys.exit()


"""


@pytest.mark.parametrize("handler, by_whom", [("end", "its master"), ("signal.SIG_DFL", "another")])
def test_stop_leaves_workers_to_their_master_as_long_as_there_is_one(handler, by_whom):
    server = launch(f"{MASTER}signal.signal(signal.SIGTERM, {handler})\ns.accept()\n")
    eventually(lambda: all(map(asleep, server.pids())))
    server.stop(grace=PATIENCE)
    assert server.log == f"the worker was told by {by_whom}"


def test_stop_twice_and_from_many_threads():
    server = launch("tcp_fork")
    threads = [threading.Thread(target=server.stop) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.stop()
    assert server.state == "stopped"


def test_a_server_that_crashed_can_be_stopped_and_restarted():
    source = "import socket\ns = socket.create_server(('127.0.0.1', 0))\ns.accept()\nraise OSError('crash')\n"
    server = launch(source)
    connect(server.address).close()
    eventually(lambda: not server.running)
    for _ in range(2):
        server.stop()
        assert server.state == "exited with code 1" and "OSError: crash" in server.log
    server.restart()
    assert server.running and "crash" not in server.log
    server.stop()
    assert server.state == "stopped"


def test_a_crash_leaves_its_children_to_nobody():
    source = (
        "import os, socket, time\ns = socket.create_server(('127.0.0.1', 0))\nif os.fork() == 0:\n    time.sleep(100)\n"
        "s.accept()\nos._exit(3)\n"
    )
    with launch(source) as server:
        [_, child] = eventually(lambda: len(found := server.processes()) == 2 and found)
        connect(server.address).close()
        eventually(lambda: server.state == "exited with code 3")
        eventually(lambda: [process.pid for process in server.processes()] == [child.pid])
    assert not alive([child.pid])


def test_restart_gives_a_new_process_with_a_log_and_events_of_its_own():
    with launch("tcp_loop") as server:
        before = server.pid
        ask(server.address, b"x")
        server.restart()
        assert server.pid != before and not alive([before])
        assert server.log.count("is ready") <= 1
        assert ask(server.address, b"x") == [b"x"]


def test_launching_a_name_again_replaces_the_server():
    with launch("tcp_loop", "--port", port := unused_port()) as first:
        with launch("tcp_loop", "--port", port) as second:
            assert first.state == "stopped" and not alive([first.pid])
            assert second.port == port
            with launch("tcp_loop", name="another"):
                assert second.running


def test_scripts_of_one_name_in_two_folders_are_two_servers(tmp_path):
    paths = [tmp_path / folder / "server.py" for folder in ("first", "second")]
    for path in paths:
        path.parent.mkdir()
        path.write_text("import socket\nlistener = socket.create_server(('127.0.0.1', 0))\nwhile True:\n    listener.accept()\n")
    with launch(paths[0]) as first, launch(paths[1]) as second:
        assert first.running and second.running
        with launch(paths[0]) as again:
            assert not first.running and again.running and second.running


def test_an_interrupted_stop_is_finished_by_the_next(monkeypatch):
    server = launch("tcp_loop")
    pid = server.pid

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(server._supervisor, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            server.stop()
    assert server in running.servers.values()
    server.stop()
    assert server.state == "stopped" and server not in running.servers.values() and not psutil.pid_exists(pid)
    assert server._supervisor.returncode is not None and not any(reader.is_alive() for reader in server._readers)


@pytest.mark.parametrize("started", [0, 1])
def test_a_launch_that_is_interrupted_while_it_starts_leaves_nothing(monkeypatch, started):
    begin, calls = threading.Thread.start, []

    def interrupted(thread):
        calls.append(thread)
        if len(calls) > started:
            raise KeyboardInterrupt
        begin(thread)

    before = dict(running.servers)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            launch("tcp_loop", name="interrupted")
    assert running.servers == before
    assert not [child for child in psutil.Process().children(recursive=True) if "runtime" in " ".join(child.cmdline())]


def test_a_forked_child_that_ends_ends_no_server():
    program = """if True:
    import os, sys
    from servers import launch
    server = launch("tcp_loop")
    child = os.fork()
    if not child:
        sys.exit()
    os.waitpid(child, 0)
    import socket
    with socket.create_connection(server.address, 60) as client:
        client.sendall(b"hello\\n")
        print(client.recv(100))
    """
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    assert "hello" in done.stdout, done.stderr


def test_a_failing_launch_replaces_too_and_leaves_the_name_free():
    first = launch("tcp_loop", name="cell")
    with pytest.raises(LaunchError):
        launch("x = (\n", name="cell")
    assert first.state == "stopped" and not running.servers
    with launch("tcp_loop", name="cell") as third:
        assert third.running


def test_many_at_once_from_threads():
    servers = []

    def start(name):
        with contextlib.suppress(LaunchError):  # another one of the same name may replace it before it listens
            servers.append(launch("tcp_loop", name=name))

    threads = [threading.Thread(target=start, args=(f"s{n % 4}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([server for server in servers if server.running]) == len(running.servers) == 4
    for server in servers:
        server.stop()
    gone([server.pid for server in servers])


def test_many_launches_leak_nothing():
    def held():
        gc.collect()  # objects that earlier tests left in cycles
        this = psutil.Process()
        return this.num_fds(), threading.active_count(), len(this.children(recursive=True))

    launch("tcp_fork").stop()
    before = held()
    for _ in range(6):
        with launch("tcp_fork") as server:
            ask(server.address, b"x")
        with pytest.raises(LaunchError):
            launch("import os\nos._exit(1)\n")
    # Leftovers of earlier tests may still go away meanwhile.
    eventually(lambda: all(now <= then for now, then in zip(held(), before, strict=True)), f"{before} again")


@pytest.mark.skipif(not process_tree.LISTS_CHILDREN, reason="only Linux lists a thread's children, proc_tid_children(5)")
def test_a_supervisor_does_without_psutil():
    """It would be half of its start-up time and memory."""
    code = "import os, sys; from servers.runtime import ending, supervisor; ending.end(os.getpid(), 0, 0); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "servers.runtime.supervisor" in loaded and "psutil" not in loaded


def test_the_death_of_the_supervisor_ends_the_server():
    server = launch("tcp_fork")
    with connect(server.address) as client:
        child = process_of(says(client, b"who"))
        os.kill(server.supervisor_pid, signal.SIGKILL)
        gone([server.pid, child])
    server.stop()
    eventually(lambda: not server.running)


def test_the_end_of_a_plain_program_ends_its_servers():
    program = "from servers import launch\ns = launch('tcp_fork')\nprint(s.pid, s.supervisor_pid, flush=True)\n"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=True)
    gone(list(map(int, done.stdout.split())))


# ---------------------------------------------------------------- real kernels


class Kernel:
    """A kernel, like that of a notebook."""

    def __init__(self):
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        self.manager, self.client = nbval.kernel.start_new_kernel(kernel_name="python3", **quiet)

    def run(self, code):
        """Run a cell; return its output."""
        printed = []

        def take(message):
            content = message["content"]
            if message["msg_type"] == "stream":
                printed.append(content["text"])
            assert message["msg_type"] != "error", "\n".join(content["traceback"])

        self.client.execute_interactive(code, output_hook=take, timeout=60, allow_stdin=False)
        return "".join(printed)

    def launch(self, what, name="mine"):
        """Launch in the kernel; return (address, pids of the process tree and its supervisor, pid of the kernel)."""
        facts = self.run(
            "import json, os, time\nfrom servers import launch\n"
            f"server = launch({what!r}, name={name!r}, timeout={PATIENCE})\n"
            f"while {what!r}.count('stay(') and len(server.processes()) < {STUBBORN_FAMILY}: time.sleep(0.01)\n"
            "print(json.dumps([server.address, [p.pid for p in server.processes()] + [server.supervisor_pid], os.getpid()]))"
        )
        address, pids, kernel = json.loads(facts)
        return tuple(address), pids, kernel

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel():
    kernel = Kernel()
    yield kernel
    kernel.end()


def test_an_interrupt_ends_the_cell_and_not_the_server(kernel):
    address, pids, _ = kernel.launch("tcp_fork")
    with connect(address) as client:
        says(client, b"hello")
        kernel.client.execute("import time\nprint('in the cell', flush=True)\nwhile True: time.sleep(0.01)")
        while kernel.client.get_iopub_msg(timeout=PATIENCE)["content"].get("text") != "in the cell\n":
            pass
        kernel.manager.interrupt_kernel()
        while kernel.client.get_iopub_msg(timeout=PATIENCE)["content"].get("ename") != "KeyboardInterrupt":
            pass
        assert says(client, b"still there?") == b"still there?"
    assert ask(address, b"and for others?") == [b"and for others?"]
    assert set(pids) <= set(alive(pids))


def test_ctrl_c_works_in_a_server_launched_while_the_kernel_is_idle(kernel):
    """A kernel ignores SIGINT between cells, when a widget's callback runs, and a child inherits an ignored signal."""
    kernel.run(
        "import signal, threading\nfrom servers import launch\nbox = []\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\nbox.append(launch('tcp_loop'))\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)"
    )
    pid = int(kernel.run("print(box[0].pid)"))
    eventually(lambda: asleep(pid))
    os.kill(pid, signal.SIGINT)
    gone([pid])
    assert "ended by Ctrl-C" in kernel.run("print(box[0].log)")


def restart(kernel):
    kernel.manager.restart_kernel(now=False)


def restart_at_once(kernel):
    kernel.manager.restart_kernel(now=True)


def shut_down(kernel):
    kernel.manager.shutdown_kernel(now=False)


def kill(kernel):
    kernel.manager.provisioner.process.kill()


@pytest.mark.parametrize("end", [restart, restart_at_once, shut_down, kill])
def test_the_end_of_the_kernel_ends_all(kernel, end):
    _, stubborn, _ = kernel.launch(STUBBORN, "stubborn")
    folder = Path(kernel.run("print(server._folder.name)").strip())
    address, forking, _ = kernel.launch("tcp_fork")
    with connect(address) as client:
        child = process_of(says(client, b"who"))
        end(kernel)
        assert read_all(client) == b""
    gone([*stubborn, *forking, child])
    assert not listens(address)
    eventually(lambda: not folder.exists(), "the folder with the cell's code is gone")


def test_two_notebooks_do_not_meet(kernel):
    other = Kernel()
    try:
        first, second = kernel.launch("tcp_fork"), other.launch("tcp_fork")
        assert first[0] != second[0]
        kernel.launch("tcp_fork")
        gone(first[1])
        assert ask(second[0], b"hello") == [b"hello"]
    finally:
        other.end()
    gone(second[1])


def test_what_a_server_prints_never_lands_in_a_cell(kernel):
    source = (
        "import os, socket, sys\ns = socket.create_server(('127.0.0.1', 0))\n"
        "while True:\n    c, _ = s.accept()\n    print('loud')\n    os.write(2, b'louder\\n')\n"
        "    os.system('echo loudest')\n    c.close()\n"
    )
    address, _, _ = kernel.launch(source)
    for _ in range(3):
        assert read_all(connect(address)) == b""
        assert kernel.run("print('quiet')") == "quiet\n"
    kernel.run("while server.log.count('loudest') < 3: time.sleep(0.01)")
    assert kernel.run("print(server.log.count('loud'))") == "9\n"


def test_tracebacks_have_no_colours_though_a_kernel_asks_for_them(kernel):
    told = kernel.run(
        "import os\nos.environ['FORCE_COLOR'] = '1'\nfrom servers import launch, LaunchError\n"
        "try:\n    launch('import socket\\n\\nsocket.socket().bind((\"\", 0))\\n')\n"
        "except LaunchError as error:\n    print(error)"
    )
    assert '"%%server script", line 3' in told and "\x1b" not in told and "servers/runtime" not in told
