"""Events of a watched server: which ones, whose, when, and that every lost one is counted."""

import os
import signal
import sys
import threading
import time
from collections import Counter
from itertools import pairwise

import psutil
import pytest
from support import ask, asleep, connect, events_of, eventually, local, process_of, program, read_all, reset, says, udp_client

from servers import launch
from servers.runtime import event_kinds, process_tree, ring, supervisor
from servers.runtime.events import Event, Log, settled


def wait_for(server, kind, count=1):
    return eventually(lambda: len(found := events_of(server, kind)) >= count and found, f"{count} x {kind}")


def first_thread(pid, event):
    """Return the ID of a process's first thread: on Linux, the process ID; elsewhere, the ID in the event."""
    return pid if sys.platform == "linux" else event.tid


# ---------------------------------------------------------------- the life of one connection


def test_the_life_of_a_connection():
    before = time.monotonic_ns()
    with launch("tcp_loop") as server:
        with connect(server.address) as client:
            me = local(client)
            assert says(client, b"hello") == b"hello"
        [close] = wait_for(server, "close")
        assert close.peer == me
        mine = [(event.kind, event.bytes) for event in server.events() if event.peer == me]
        assert mine == [("accept", 0), ("receive", 6), ("send", 6), ("receive", 0), ("close", 0)]
        assert events_of(server, "bind")[0].detail == events_of(server, "listen")[0].detail == "%s:%d" % server.address
        events = [event for event in server.events() if event.end]
        assert all(before < event.start <= event.end < time.monotonic_ns() for event in events), "one clock with this process"
        assert {(event.pid, event.tid) for event in events} == {(server.pid, first_thread(server.pid, events[0]))}
        assert all(a.end <= b.end for a, b in pairwise(events))


def test_a_blocked_call_is_seen_while_it_blocks_and_its_time_afterwards():
    with launch("tcp_loop") as server, connect(server.address) as client:
        [now] = eventually(lambda: [event for event in server.events() if event.kind == "receive"])
        assert now.end is None and now.peer == local(client)
        asked = time.monotonic_ns()
        says(client, b"sleep 0.2")
        answered = time.monotonic_ns()
        [then] = wait_for(server, "receive")
        [sent] = wait_for(server, "send")
        assert then.start == now.start < asked < then.end, "blocked until the line came"
        assert sent.start - then.end >= 0.19e9, "working between the receive and the send"
        assert sent.end < answered or sent.start < answered
        eventually(lambda: [event.kind for event in server.events() if event.end is None] == ["receive"], "that it blocks again")


def test_text_in_place_of_bytes_is_told_by_name():
    with launch("import socket\ns = socket.create_server(('127.0.0.1', 0))\nc, _ = s.accept()\nc.send('hello')\n") as server:
        connect(server.address).close()
        assert [event.detail for event in wait_for(server, "send")] == ["EINVAL"]


def test_a_reset_is_told_by_name():
    with launch("tcp_loop") as server:
        client = connect(server.address)
        client.sendall(b"sleep 0.1\n")
        reset(client)
        eventually(lambda: any(event.detail in ("ECONNRESET", "EPIPE") for event in server.events()))
        assert ask(server.address, b"x") == [b"x"]


def test_datagrams_have_peers():
    with launch("udp_loop") as server, udp_client(server.address) as client:
        client.send(b"hello\n")
        client.recv(100)
        [sent] = wait_for(server, "send")
        [received] = wait_for(server, "receive")
        assert sent.peer == received.peer == local(client) and sent.bytes == received.bytes == 6
        assert events_of(server, "bind")[0].detail == "%s:%d/udp" % server.address


def test_closing_twice_is_noted_once():
    source = (
        "import socket\ns = socket.create_server(('127.0.0.1', 0))\nc, _ = s.accept()\nf = c.makefile('rb')\n"
        "c.close()\nf.read()\nf.close()\nc.close()\nc.close()\ns.accept()\n"
    )
    with launch(source) as server:
        connect(server.address).close()
        [close] = wait_for(server, "close")
        eventually(lambda: [event for event in server.events() if event.kind == "accept" and event.end is None])
        assert len(events_of(server, "close")) == 1 and close.detail == ""


def test_a_descriptor_that_is_used_again_has_its_new_peer():
    with launch("tcp_loop") as server:
        for number in range(1, 5):
            with connect(server.address) as client:
                says(client, b"x")
                assert wait_for(server, "send", number)[-1].peer == local(client)


def test_a_call_that_a_signal_breaks_off_does_not_seem_to_go_on():
    source = (
        "import signal, socket\n\n\ndef wake(*_):\n    raise RuntimeError('woken')\n\n\nsignal.signal(signal.SIGUSR1, wake)\n"
        "s = socket.create_server(('127.0.0.1', 0))\ntry:\n    s.accept()\nexcept RuntimeError:\n    pass\n"
        "s.accept()[0].sendall(b'second')\nsignal.pause()\n"
    )
    with launch(source) as server:
        eventually(lambda: events_of(server, "accept", done=False) and asleep(server.pid))
        os.kill(server.pid, signal.SIGUSR1)
        assert wait_for(server, "accept")[0].detail == "EINTR"
        assert read_first(server.address) == b"second"
        eventually(lambda: len(events_of(server, "accept", done=False)) == 2)
        assert len(events_of(server, "accept")) == 2


def read_first(address):
    with connect(address) as client:
        return client.recv(100)


# ---------------------------------------------------------------- processes and threads


def test_fork_child_exit_and_reap():
    with launch("tcp_fork") as server:
        with connect(server.address) as client:
            child, thread = map(int, says(client, b"who").split()[1::2])
            me = local(client)
        [reap] = wait_for(server, "reap")
        [fork] = wait_for(server, "fork")
        [exit_] = wait_for(server, "exit")
        assert fork.pid == server.pid and fork.tid == first_thread(server.pid, fork) and fork.detail == str(child)
        assert reap.pid == server.pid and reap.detail == f"{child} 0"
        assert exit_.pid == child and exit_.detail == "0"
        assert fork.start < exit_.start < reap.end
        assert [event.kind for event in server.events() if event.pid == child and event.peer == me and event.end] == [
            "receive", "send", "receive", "close",
        ]  # fmt: skip
        assert {event.tid for event in server.events() if event.pid == child} == {thread}
        assert [event.pid for event in events_of(server, "accept")] == [server.pid]
        eventually(lambda: {event.pid for event in events_of(server, "close") if event.peer == me} == {server.pid, child})


PROGRAMS = {
    "subprocess.run(['sleep', '0'])": " program",
    "subprocess.run(['sleep', '0'], stdin=c)": "",  # like inetd
    "subprocess.run(['sleep', '0'], preexec_fn=os.getpid)": "",  # the child first runs Python code, which records the fork
    "os.waitpid(os.posix_spawnp('sleep', ['sleep', '0'], os.environ), 0)": " program",
    "subprocess.run([sys.executable, '-c', ''])": " program",
    "subprocess.run([sys.executable, '-c', ''], stdin=c)": "",
    "subprocess.run([sys.executable, '-c', ''], pass_fds=[c.fileno()])": "",
    "actions = [(os.POSIX_SPAWN_DUP2, c.fileno(), 0)]\n"
    "os.waitpid(os.posix_spawnp('sleep', ['sleep', '0'], os.environ, file_actions=actions), 0)": "",
}


@pytest.mark.parametrize("start", PROGRAMS)
def test_a_child_that_runs_another_program_has_a_beginning(start):
    source = "import os, socket, subprocess, sys\ns = socket.create_server(('127.0.0.1', 0))\nc, _ = s.accept()\n"
    with launch(f"{source}{start}\ns.accept()\n") as server, connect(server.address):
        [fork], [reap] = wait_for(server, "fork"), wait_for(server, "reap")
        assert fork.detail == reap.detail.split()[0] + PROGRAMS[start]
        assert fork.pid == reap.pid == server.pid and fork.start < reap.end


def test_a_killed_child_has_an_end_and_a_status():
    with launch("tcp_fork") as server, connect(server.address) as client:
        child = process_of(says(client, b"who"))
        os.kill(child, signal.SIGKILL)
        assert read_all(client) == b""
        [exit_] = wait_for(server, "exit")
        [reap] = wait_for(server, "reap")
        assert exit_.pid == child and reap.detail == f"{child} -9" and reap.status == -9
        assert not [event for event in server.events() if event.pid == child and event.end is None]


def test_the_servers_own_end_has_its_status():
    with launch("tcp_loop") as server:
        os.kill(server.pid, signal.SIGKILL)
        eventually(lambda: not server.running)
        assert server.state == "ended by signal SIGKILL"
        [exit_] = wait_for(server, "exit")
        assert exit_.detail == "-9"
        assert not [event for event in server.events() if event.end is None]


def test_threads_begin_and_end_and_have_numbers():
    with launch("ThreadingTCPServer") as server:
        numbers = set()
        for _ in range(3):
            [told] = ask(server.address, b"who")
            numbers.add(int(told.split()[3]))
        ended = wait_for(server, "thread end", 3)
        assert {event.tid for event in ended} == {event.tid for event in events_of(server, "thread start")} == numbers
        assert {event.tid for event in events_of(server, "send")} == numbers
        assert {event.pid for event in ended} == {server.pid}


def test_waiting_for_many_is_seen_with_how_many_are_ready():
    with launch("TCPServer") as server:
        ask(server.address, b"x")
        assert any(event.bytes == 1 for event in wait_for(server, "wait", 1))
        eventually(lambda: [event for event in server.events() if event.kind == "wait" and event.end is None])


def test_unwatched_nothing_but_the_address_is_told():
    with launch("tcp_fork", watch=False) as server:
        assert ask(server.address, b"x") == [b"x"]
        eventually(lambda: len(server.processes()) == 1)
        assert Counter(event.kind for event in server.events()) == {"bind": 1, "listen": 1}


# ---------------------------------------------------------------- processes(), as the system sees them


def test_a_zombie_is_named():
    source = (
        "import os, socket\ns = socket.create_server(('127.0.0.1', 0))\nif os.fork() == 0:\n    os._exit(0)\n"
        "if os.fork() == 0:\n    while True: s.accept()\nwhile True: s.accept()\n"
    )
    with launch(source) as server:
        eventually(lambda: "zombie" in [process.state for process in server.processes()])
        table = eventually(lambda: len(found := server.processes()) == 3 and found[0].state == "waiting" and found)
        assert table[0].pid == server.pid
        assert {process.parent for process in table[1:]} == {server.pid}
        assert table[0].threads == 1 and table[0].descriptors == 4 and table[0].memory > 2**20 and table[0].cpu >= 0
        assert "zombie" in repr(table)
        os.kill(server.pid, signal.SIGSTOP)
        eventually(lambda: server.processes()[0].state == "stopped")
        os.kill(server.pid, signal.SIGCONT)
    assert server.processes() == []


def test_a_busy_process_is_running():
    with launch("tcp_loop") as server, connect(server.address) as client:
        client.sendall(b"burn 60\n")
        eventually(lambda: server.processes()[0].state == "running")


# ---------------------------------------------------------------- nothing is lost silently


def test_every_event_of_a_burst_comes():
    with launch("tcp_loop") as server, connect(server.address) as client:
        for _ in range(2_000):
            says(client, b"x")
        assert len(wait_for(server, "send", 2_000)) == 2_000
        assert server.dropped == 0


def burst(client, lines):
    """Send this many empty lines, each of which is answered by its own send."""
    for start in range(0, lines, 4_096):
        count = min(4_096, lines - start)
        client.sendall(b"\n" * count)
        while count:
            count -= len(client.recv(count))


@pytest.mark.parametrize("name, ring_size", [("tcp_loop", ring.LARGE), ("tcp_fork", ring.SMALL)])
def test_what_no_one_reads_in_time_is_counted(name, ring_size):
    """Stop the supervisor while more happens than a ring holds: received and dropped records must add up."""
    with launch(name) as server, connect(server.address) as client:
        burst(client, 10)
        lines = ring_size * 5 // 4
        os.kill(server.supervisor_pid, signal.SIGSTOP)
        burst(client, lines)
        os.kill(server.supervisor_pid, signal.SIGCONT)
        client.close()
        eventually(lambda: server.dropped)
        eventually(lambda: any(event.kind == "close" and event.detail == "" for event in server.events()[-5:]))
        sent = len(events_of(server, "send"))
        assert ring_size // 4 < sent < lines, "the newest are kept"
        assert lines <= sent + server.dropped < lines + 200, "and the others are counted"


def test_a_notebook_that_does_not_read_does_not_slow_the_server():
    """The pipe to the notebook is full; the supervisor keeps what fits, and the rings count the rest as dropped."""
    lines = ring.LARGE * 3
    with launch("tcp_loop") as server, connect(server.address) as client:
        with server._log.lock:  # blocks the reading thread
            burst(client, lines)
        client.close()
        eventually(lambda: server.dropped)
        eventually(lambda: any(event.kind == "close" for event in server.events()[-5:]))
        assert lines <= len(events_of(server, "send")) + server.dropped < lines + 500


def test_a_cursor_gives_each_record_once():
    with launch("tcp_loop") as server:
        cursor, seen = 0, []
        for _ in range(20):
            ask(server.address, b"x")
            more, cursor = server.events_since(cursor)
            seen += more
        eventually(lambda: len(events_of(server, "close")) == 20)
        more, cursor = server.events_since(cursor)
        assert seen + more == server.events_since(0)[0][: len(seen) + len(more)]
        assert server.events_since(10**9)[0] == []


# ---------------------------------------------------------------- the ring and the log, without a server


def written(memory, offset, capacity, number):
    ring.RECORD.pack_into(
        memory, offset + number % capacity * ring.SIZE, number, number, number, 7, bytes(19), event_kinds.SEND, number
    )


@pytest.mark.parametrize("count", [1, 100, ring.SMALL - 1, ring.SMALL, ring.SMALL + 1, ring.SMALL * 3 + 17])
@pytest.mark.parametrize("read_first", [0, 1, 1_000])
def test_read_and_dropped_are_all_that_was_written(count, read_first):
    memory, *_ = ring.create()
    offset, capacity = ring.place(1)
    reader, got = ring.Reader(memory, 1, 7), []

    def read():
        while records := reader.read():
            got.extend(fields[0] for fields in ring.RECORD.iter_unpack(records))

    for number in range(1, count + 1):
        written(memory, offset, capacity, number)
        if number == read_first:
            read()
    read()
    assert len(got) + reader.dropped == count
    assert got == sorted(set(got)) and got[-1] == count


def test_what_lies_behind_an_unwritten_record_is_counted_when_its_process_has_died():
    memory, *_ = ring.create()
    offset, capacity = ring.place(1)
    reader = ring.Reader(memory, 1, 7)
    for number in 1, 2, 4, 5:
        written(memory, offset, capacity, number)
    assert len(reader.read()) == 2 * ring.SIZE and reader.read() == b""
    reader.give_up()
    assert reader.dropped == 3
    reader.clear()
    assert ring.Reader(memory, 1, 7).read() == b""


def test_the_log_forgets_the_oldest_and_counts_them(monkeypatch):
    monkeypatch.setattr("servers.runtime.events.MAX_RECORDS", 100)
    log = Log()
    for number in range(30):
        log.add(7, ring.RECORD.pack(number, number, 0, 7, bytes(19), event_kinds.SEND, number) * 10)
    events, cursor = log.since(0)
    assert cursor == 300 and len(events) + log.forgotten == 300 and len(events) == 100
    assert log.since(299)[0] == events[-1:]


def test_a_call_that_has_ended_supersedes_its_beginning():
    log = Log()
    for end in 0, 9:
        log.add(7, ring.RECORD.pack(5, end, 3, 7, ring.PEER.pack(bytes([127, 0, 0, 1]), 80, 4), event_kinds.RECEIVE, 1))
    assert settled(log.since(0)[0]) == [Event("receive", 7, 7, "127.0.0.1:80", 5, 9, 3, "")]
    assert [event.end for event in log.since(0)[0]] == [None, 9]


def test_an_idle_servers_supervisor_sleeps_and_is_woken_by_the_next_client():
    """It costs almost nothing when idle, and forwards a client's events long before it would have looked on its own."""
    with launch("tcp_thread") as server:
        ask(server.address, b"hello")
        process = psutil.Process(server.supervisor_pid)
        eventually(lambda: process.num_ctx_switches().voluntary == sleeps_on(process), "sleep")
        with connect(server.address) as client:
            peer = "%s:%d" % client.getsockname()[:2]
            eventually(lambda: any(event.peer == peer for event in settled(server._log.since(0)[0])), "the client's accept")


def sleeps_on(process):
    """Return how often it has slept by 0.3 s from now: an awake supervisor sleeps twenty times in that time."""
    time.sleep(0.3)
    return process.num_ctx_switches().voluntary


def test_what_a_server_is_about_to_note_is_waited_for(monkeypatch):
    """A thread may not have run since its call ended: while it is runnable, a record may still come."""
    memory, done = ring.create()[0], threading.Event()
    monkeypatch.setattr(supervisor, "SETTLED", 3600)
    with program([sys.executable, "-c", "print('runs', flush=True)\nwhile True: pass"], text=True) as busy:
        busy.stdout.readline()
        ring.owners(memory)[0] = busy.pid
        watcher = supervisor.Supervisor(memory, busy.pid, os.open(os.devnull, os.O_WRONLY))
        looked = []
        monkeypatch.setattr(process_tree, "runs", lambda pid, runs=process_tree.runs: looked.append(runs(pid)) or looked[-1])
        settling = threading.Thread(target=lambda: (watcher.settle(), done.set()))
        settling.start()
        eventually(lambda: looked.count(True) > 3)
        assert not done.is_set()
        os.kill(busy.pid, signal.SIGSTOP)
        assert done.wait(20)
        settling.join()
        os.close(watcher.events)
