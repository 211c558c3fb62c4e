"""The examiner: which model meets which requirement, and that a wrong server fails what its misconception breaks, and nothing else.

A wrong server is a file in examined/wrong/ that begins with its misconception, the requirements that it fails, and words of the
diagnosis for the first of them, as a learner reads it. A .diff holds only its changes to one in examined/right/.
The servers in examined/right/ are written in styles that no lesson shows, and meet all requirements.
"""

import _asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import psutil
import pytest
from changes import program
from support import eventually, unused_port

from clients.examiner import (
    NotMet,
    chat,
    diagnosis,
    examine,
    mistakes_tcp,
    peers,
    requirements_processes,
    requirements_tcp,
    requirements_udp,
    unclosed,
    unserved,
)
from clients.examiner.exam import Exam, stopped, usual
from clients.examiner.report import GATES, MET, NOT_ASKED, NOT_MET, Finding
from clients.examiner.requirements import UNKNOWN
from clients.examiner.waiting import HAS_PROC, threads_of
from servers import launch
from servers.runtime import listening
from servers.runtime.events import Event

EXAMINED = Path(__file__).with_name("examined")
WRONG, RIGHT, NAMED = (sorted((EXAMINED / folder).glob("*.*")) for folder in ("wrong", "right", "named"))
NOT_SEEN = {  # only Linux shows a full queue, and the use of asyncio, if that is a separate shared library
    "lets-one-wait": not HAS_PROC,
    "sleeps-when-asked": not HAS_PROC or not hasattr(_asyncio, "__file__"),
}
NAMED = [path for path in NAMED if not NOT_SEEN.get(path.stem)]
COMMAND = [sys.executable, "-m", "clients.examiner"]
ONE_AT_A_TIME = {"concurrency", "silent", "slow reader"}
COPIES = {"state"}  # each process keeps its own count
KEEPS_THE_PORT = {"clean stop"}  # a child keeps the listener open: in socketserver it never closes it

MODELS = {  # {model: requirements that it does not meet by design, not by mistake}
    "tcp_loop": ONE_AT_A_TIME,
    "TCPServer": ONE_AT_A_TIME,
    "tcp_fork": COPIES,
    "tcp_process": COPIES,
    "ForkingTCPServer": COPIES | KEEPS_THE_PORT,
    "tcp_thread": set(),
    "ThreadingTCPServer": set(),
    "tcp_pool": {"concurrency"},
    "tcp_pool+processes": {"concurrency"} | COPIES,
    "tcp_prefork": {"concurrency"} | COPIES,
    "tcp_prefork+reuseport": ONE_AT_A_TIME | COPIES,
    "tcp_select": set(),
    "tcp_poll": set(),
    "tcp_epoll": set(),
    "tcp_asyncio": set(),
    "udp_loop": set(),
    "UDPServer": set(),
    "ForkingUDPServer": COPIES,
    "ThreadingUDPServer": set(),
}


HEAD = re.compile(r"# Misconception: .*\n# Fails: (.*)\n# Told: (.*)\n")


def fails(path):
    """Return the requirements named in the second line of a wrong server."""
    return set(HEAD.match(path.read_text(encoding="utf-8"))[1].split(", "))


def told(path):
    """Return the words of its third line."""
    return HEAD.match(path.read_text(encoding="utf-8"))[2]


def examined(what):
    arguments = () if isinstance(what, str) else (unused_port(),)  # one of the scripts takes its port as an argument
    is_diff = what not in MODELS and what.suffix == ".diff"
    started, name = (program(what, {}), what.stem) if is_diff else (what, None)
    with launch(started, *arguments, name=name, timeout=60) as server:
        return examine(server, one_requirement(what) if what in NAMED else None)


def one_requirement(path):
    """Return the requirement that it fails, with those that must come before it: testing all would take long."""
    [name] = fails(path)
    [asked] = [requirement for requirement in usual("tcp") if requirement.name == name]
    before = [] if asked in requirements_tcp.FIRST else [requirements_tcp.concurrency]
    return [*([] if name == "answers" else [requirements_tcp.answers]), *before, asked]


@pytest.fixture(scope="module")
def reports():
    """Examine all servers in parallel, since most of the time is waiting for answers that never come; return the Reports."""
    subjects = [*MODELS, *WRONG, *NAMED, *RIGHT]
    with ThreadPoolExecutor(5) as pool:
        others = {how: pool.submit(how) for how in (shouts, from_a_terminal)}
        reports = dict(zip(subjects, pool.map(examined, subjects), strict=True))
        return reports | {how: future.result() for how, future in others.items()}


def shouts():
    """Return the Report on a server with another application, and the failed requirements if the examiner does not know of it."""
    text = (EXAMINED / "right" / "threads-and-readlines.py").read_text().replace("sendall(line)", "sendall(line.upper())")
    with launch(text, name="shouts") as server:
        return examine(server, answer=bytes.upper), examine(server).failed


def from_a_terminal():
    with launch("tcp_thread") as server:
        return subprocess.run([*COMMAND, "%s:%d" % server.address], capture_output=True, text=True)


@pytest.mark.parametrize("name", MODELS)
def test_what_each_model_meets(reports, name):
    assert set(reports[name].failed) == MODELS[name], reports[name]


@pytest.mark.parametrize("name", ["tcp_pool", "tcp_pool+processes", "tcp_prefork"])
def test_a_fixed_number_of_workers_is_named(reports, name):
    assert reports[name]["concurrency"].diagnosis == unserved.TOO_FEW_WORKERS, reports[name]


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_server_fails_what_its_misconception_breaks(reports, path):
    report = reports[path]
    assert set(report.failed) == fails(path), report
    first = report[report.failed[0]]
    assert told(path) in " ".join([first.said, first.diagnosis.mistake, *first.diagnosis.hints[:1]]), report
    for name in report.failed:
        problem, meaning = report[name].problem, report[name].diagnosis
        assert problem.sent and problem.expected and problem.came and meaning.mistake
        assert len(meaning.hints) >= 2 and meaning.read


def test_why_no_more_is_asked_of_a_server_that_asks_all_the_time(reports):
    report = reports[EXAMINED / "wrong" / "asks-all-the-time.py"]
    assert {finding.why for finding in report.findings if finding.verdict == NOT_ASKED} == {"until it can be left alone"}, report


def test_each_process_that_counts_for_itself_is_named(reports):
    assert reports["ForkingUDPServer"]["state"].diagnosis == requirements_processes.NOT_SHARED


def test_over_udp_a_mistake_is_named_in_its_own_words():
    left_alone = requirements_processes.left_alone
    meant = diagnosis.told_of("udp", left_alone.when["refused"])
    assert diagnosis.best(diagnosis.ENDED, UNKNOWN, meant, left_alone.usual) == diagnosis.SOCKET_TIMED_OUT
    server = SimpleNamespace(kind="udp")
    assert diagnosis.meaning(server, "ConnectionRefusedError: [Errno 111]", True) == diagnosis.REFUSED_ANSWER
    pair = "AttributeError: 'tuple' object has no attribute 'recv'"
    assert diagnosis.meaning(server, pair, False) == diagnosis.A_PART_OF_A_PAIR
    exam = SimpleNamespace(answer=bytes)
    assert requirements_tcp.what_became_of_bytes(exam, b"text\xff\0", b"text\xff", b"") == mistakes_tcp.ZERO_ENDS_IT
    for came, meant in (b"text", mistakes_tcp.LEAVES_OUT), (b"txet", UNKNOWN):
        assert requirements_tcp.what_became_of_bytes(exam, b"te\1xt", came, b"") == meant
    assert requirements_udp.what_differs(exam, None, NotMet("", "'hello'", r"'hello\r'")) == requirements_udp.ENDS_OTHERWISE


def test_an_answer_that_another_client_is_sent_is_found_where_nobody_has_taken_it():
    exam, words = SimpleNamespace(answer=bytes), [[b"one"], [b"two"]]
    for answers, sent, is_elsewhere in (
        ([[b"one"], ["nothing"]], b"one\n", True),  # its own answer a second time
        ([["nothing"], []], b"two\n", True),
        ([["nothing"], []], b"", False),
    ):
        with contextlib.ExitStack() as stack:
            pairs = [[stack.enter_context(one) for one in socket.socketpair(type=socket.SOCK_DGRAM)] for _ in words]
            peers = [SimpleNamespace(socket=near) for near, _ in pairs]
            if sent:
                pairs[0][1].send(sent)
            assert requirements_processes.went_elsewhere(exam, peers, words, answers) == is_elsewhere


TRIES_AGAIN = """
import selectors
from socket import create_server

listener = create_server(("127.0.0.1", 0))
selector = selectors.DefaultSelector()
selector.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in selector.select():
        if key.fileobj is listener:
            connection, _ = listener.accept()
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ)
            continue
        data = key.fileobj.recv(4096)
        if not data:
            selector.unregister(key.fileobj)
        while data:
            try:
                data = data[key.fileobj.send(data) :]
            except BlockingIOError:
                pass
"""


def test_a_server_that_tries_to_send_again_and_again_is_named(monkeypatch):
    monkeypatch.setattr(peers, "GIVE_UP", 0.3)
    asked = [requirements_tcp.answers, requirements_tcp.concurrency, requirements_tcp.slow_reader]
    with launch(TRIES_AGAIN, name="tries_again") as server:
        report = examine(server, asked, timeout=1)
    assert report["slow reader"].diagnosis == mistakes_tcp.SPINS_IN_SEND, report


@pytest.mark.skipif(not HAS_PROC, reason="only Linux tells that a server's end is still to be reported")
def test_a_server_whose_end_is_not_reported_yet_has_not_just_closed_its_listener():
    with launch("tcp_loop") as server, stopped([psutil.Process(server.supervisor_pid)]):
        subject = Exam(server)
        os.kill(server.pid, signal.SIGKILL)
        eventually(lambda: not listening.is_open(server.pid, "tcp", server.port))
        assert server.running and not subject.nobody_listens()


WELCOMES = """
from socket import AF_INET, SOCK_DGRAM, socket

server = socket(AF_INET, SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
while True:
    data, peer = server.recvfrom(65535)
    server.sendto(b"welcome", peer)
    server.sendto(data, peer)
"""


def test_a_datagram_that_comes_before_the_answer_is_named():
    with launch(WELCOMES, name="welcomes") as server:
        assert examine(server)["answers"].diagnosis == requirements_udp.SPEAKS_FIRST


def test_what_a_crowd_meets_is_named_before_that_it_is_a_crowd():
    crowded, left_over = requirements_processes.CROWDED, peers.LEFT_OVER
    for seen, kind, error, meant in (
        (diagnosis.TURNED_AWAY, "end", UNKNOWN, diagnosis.TURNED_AWAY),
        (UNKNOWN, "other", UNKNOWN, left_over),
        (UNKNOWN, "end", UNKNOWN, crowded),
        (UNKNOWN, "end", diagnosis.ITS_ERROR, UNKNOWN),
    ):
        hello = Mock(side_effect=NotMet("hello", "'hello'", "something else", seen, kind))
        exam = SimpleNamespace(visit=lambda name: contextlib.nullcontext(), hello=hello, own_error=lambda error=error: error)
        with contextlib.ExitStack() as stack, pytest.raises(NotMet) as found:
            requirements_processes.crowd(exam, stack, 1, "one of a crowd", crowded)
        assert found.value.diagnosis == meant


LEAVES_LATE = """
import threading
import time
from socket import create_server

lock = threading.Lock()

def talk(connection):
    with lock, connection:
        while data := connection.recv(4096):
            connection.sendall(data)
        while threading.active_count() < 5:  # main, its own, and three more
            time.sleep(0.01)

server = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
"""


def test_a_lock_is_named_when_the_client_before_is_let_go_late():
    with launch(LEAVES_LATE, name="leaves_late") as server, contextlib.ExitStack() as stack:
        with socket.create_connection(server.address) as before:
            before.sendall(b"hello\n")
            assert before.recv(100) == b"hello\n"
        clients = [stack.enter_context(socket.create_connection(server.address)) for _ in range(3)]
        names = [f"127.0.0.1:{client.getsockname()[1]}" for client in clients]
        eventually(lambda: unserved.who_waits(server, names) == unserved.LOCKED_OUT, "a lock")


@pytest.mark.parametrize("path", NAMED, ids=lambda path: path.stem)
def test_a_mistake_is_named(reports, path):
    *others, last = reports[path].findings
    assert all(finding.verdict == MET for finding in others) and last.problem
    assert told(path) in " ".join([last.said, last.diagnosis.mistake]), last


@pytest.mark.skipif(not HAS_PROC, reason="Linux tells the state of each thread")
def test_a_server_that_is_stopped_has_stopped_with_all_its_threads():
    with launch("tcp_thread") as server, contextlib.ExitStack() as stack:
        for _ in range(5):
            client = stack.enter_context(socket.create_connection(server.address))
            client.sendall(b"hello\n")
            assert client.recv(100) == b"hello\n"
        for _ in range(20):
            with stopped(server.members()):
                assert {fields[0] for fields in threads_of(server)} == {b"T"}


class Seen(SimpleNamespace):
    """A Server reduced to what a diagnosis uses: its source text, and the calls that it has made."""

    watch = watchable = running = True
    kind, unseen = "tcp", ""

    def events(self):
        return self.calls

    def events_since(self, _):
        return self.calls, 0


def test_one_that_sends_for_all_is_no_lock():
    calls = [
        Event("receive", 1, 2, "Ann", 0, 1, bytes=6),
        Event("receive", 1, 3, "Ben", 1, 2, bytes=6),
        Event("send", 1, 3, "Ben", 2, None),
    ]
    assert unserved.who_locks(Seen(calls=calls)) == unserved.LOCKED_OUT
    assert unserved.who_locks(Seen(calls=[*calls[:2], calls[2]._replace(tid=4)])) == UNKNOWN


def test_a_free_loop_beside_a_client_that_does_not_read_waits_for_a_turn():
    for text, meant in ("await writer.drain()", unserved.WAITS_FOR_A_TURN), ("selector.select()", UNKNOWN):
        server = Seen(calls=[Event("wait", 1, 1, "", 2, None)], source=text)
        assert requirements_tcp.why_nobody_is_served(SimpleNamespace(rests=lambda: True, server=server)) == meant


def asked(what, *requirements):
    """Return the Exam of a server after these requirements."""
    with launch(what) as server:
        subject = Exam(server, [requirements_tcp.answers, *requirements])
        subject.run()
        return subject


def test_a_server_that_takes_a_byte_at_a_time_is_sent_less():
    for what, slow in (EXAMINED / "right" / "a-byte-at-a-time.py", True), ("tcp_thread", False):
        subject = asked(what, requirements_tcp.long_line)
        assert (subject.slow, requirements_tcp.enough(subject) != requirements_tcp.flooding()) == (slow, slow)


def test_what_a_slow_reader_has_shown_is_not_asked_again():
    for what, shown in ("tcp_thread", {"all of it", "memory"}), (EXAMINED / "wrong" / "writes-without-drain.py", {"all of it"}):
        assert asked(what, requirements_tcp.concurrency, requirements_tcp.slow_reader).shown == shown


def test_a_client_that_is_turned_away_again_shows_the_same_mistake(monkeypatch):
    monkeypatch.setattr(diagnosis, "statement", lambda *_: diagnosis.Statement("", diagnosis.LOSES_WORKERS))
    monkeypatch.setattr(listening, "is_open", lambda *_: True)
    subject = Exam(("127.0.0.1", 1))
    subject.server = Mock(log="")
    before = NotMet("hello", "'hello'", "the end of the connection", diagnosis.TURNED_AWAY)
    subject.report.findings.append(Finding(requirements_tcp.silent, NOT_MET, before))
    problem = NotMet("hello", "'hello'", "a reset", kind="reset")
    assert subject.not_met(requirements_tcp.reset, problem).diagnosis == diagnosis.TURNED_AWAY


def test_its_own_error_stands_above_a_guess_why_it_hangs_up(monkeypatch):
    monkeypatch.setattr(requirements_tcp, "ends_for_a_quick_one", lambda *_: False)
    for error, meant in (diagnosis.ITS_ERROR, UNKNOWN), (UNKNOWN, mistakes_tcp.GIVES_UP):
        exam = SimpleNamespace(server=None, own_error=lambda error=error: error)
        assert requirements_tcp.why_it_ends(exam, "", 1) == meant


def test_a_lock_that_an_error_has_not_released_is_named():
    calls = [
        Event("accept", 1, 1, "broken", 0, 1),
        Event("accept", 1, 1, "Ann", 1, 2),
        Event("accept", 1, 1, "", 2, None),
        Event("send", 1, 2, "broken", 3, 4, detail="EPIPE"),
        Event("close", 1, 2, "broken", 4, 5),
        Event("receive", 1, 3, "Ann", 5, 6, bytes=6),  # then nothing: its thread waits for the lock
    ]
    assert unserved.why_not_served(Seen(calls=calls), "Ann") == diagnosis.LOSES_WORKERS
    unbroken = [event for event in calls if not event.detail]
    assert unserved.why_not_served(Seen(calls=unbroken), "Ann") == UNKNOWN
    reads_on = [*calls, Event("receive", 1, 3, "Ann", 6, None)]
    assert unserved.why_not_served(Seen(calls=reads_on), "Ann") == UNKNOWN


def test_an_answer_to_a_client_that_has_left_is_named():
    calls = [
        Event("accept", 1, 1, "gone", 0, 1),
        Event("receive", 1, 2, "gone", 1, 2, bytes=0),
        Event("accept", 1, 1, "Ann", 2, 3),
        Event("receive", 1, 3, "Ann", 3, 4, bytes=6),
    ]
    other = Event("send", 1, 4, "gone", 4, 5, bytes=6)
    assert unserved.why_not_served(Seen(calls=[*calls, other]), "Ann") == unserved.ANSWERS_THE_GONE
    assert unserved.why_not_served(Seen(calls=calls), "Ann") != unserved.ANSWERS_THE_GONE


def test_who_waits_for_a_worker_is_told_so_whatever_was_asked():
    served = [Event("accept", 1, 1, "Ann", 0, 1), Event("receive", 1, 2, "Ann", 1, 2, bytes=6), Event("accept", 1, 1, "", 2, None)]
    ann, ben = SimpleNamespace(local="Ann"), SimpleNamespace(local="Ben")
    exam = SimpleNamespace(peers=[ann, ben], shows_calls=True, received=lambda peer: 6 * (peer is ann), server=Seen(calls=served))
    assert chat.why_it_waits(exam, ben) == unserved.TOO_FEW_WORKERS
    assert chat.why_it_waits(exam, ann) == UNKNOWN


def test_connections_that_broke_are_kept_though_others_are_shut_down_and_closed():
    calls = [
        Event("accept", 1, 1, "Ann", 0, 1),
        Event("shutdown", 1, 2, "Ann", 1, 2),
        Event("close", 1, 2, "Ann", 2, 3),
        Event("accept", 1, 1, "broken", 3, 4),
        Event("receive", 1, 3, "broken", 4, 5, detail="ECONNRESET"),
    ]
    assert unclosed.who_keeps(Seen(calls=calls)) == unclosed.KEPT_AT_A_RESET
    assert unclosed.who_keeps(Seen(calls=[event for event in calls if event.kind != "close"])) == unclosed.SHUTDOWN_IS_NOT_CLOSE


def test_an_error_leaves_the_accepting_loop_or_keeps_a_slot():
    calls = [Event("accept", 1, 1, "broken", 0, 1), Event("receive", 1, 1, "broken", 1, 2, detail="ECONNRESET")]
    assert unserved.why_not_served(Seen(calls=calls, source="except: pass"), "Ann") == diagnosis.BROKE_OFF
    assert unserved.why_not_served(Seen(calls=calls, source="slots.acquire()"), "Ann") == diagnosis.LOSES_WORKERS


def test_who_waits_beside_a_free_loop_is_told_from_a_loop_that_is_blocked():
    calls = [Event("accept", 1, 1, "Ann", 0, 1), Event("receive", 1, 1, "Ann", 1, 2, bytes=6)]
    in_selector = Event("wait", 1, 1, "", 2, None)

    def why(*more, text="await reader.readline()"):
        return unserved.who_waits(Seen(calls=[*calls, *more], source=text), ["Ann", "Ben"])

    assert why(in_selector) == unserved.WAITS_FOR_A_TURN
    assert why(in_selector._replace(end=3)) == unserved.LOOP_BLOCKED
    assert why(in_selector, text="await loop.run_in_executor(None, talk, connection)") == unserved.AWAITS_ITS_CLIENT


def test_a_client_that_the_accepting_thread_sends_away_is_told_from_one_that_another_thread_loses():
    calls = []
    for number, peer in enumerate(["Ann", "Ben", "Cem"], 1):
        calls += [Event("accept", 1, 1, peer, number, number), Event("receive", 1, number + 1, peer, number, None)]
    calls.append(Event("accept", 1, 1, "Dora", 5, 5))
    refused = [*calls, Event("send", 1, 1, "Dora", 6, 6, bytes=6)]
    assert diagnosis.turned_away(refused, "Dora") == diagnosis.TURNED_AWAY
    closed = Event("close", 1, 1, "Dora", 6, 6)
    assert diagnosis.who_closed(Seen(calls=[*calls, closed])) == diagnosis.TURNED_AWAY
    broken = Event("receive", 1, 4, "Cem", 3, 4, detail="ECONNRESET")
    assert diagnosis.turned_away([*refused, broken], "Dora") == diagnosis.LOSES_WORKERS  # the server still counts Cem
    assert diagnosis.turned_away([*calls, Event("receive", 1, 5, "Dora", 6, 7, bytes=6), closed], "Dora") == UNKNOWN
    closes_all = [Event("close", 1, 1, peer, 6, 6) for peer in ("Ann", "Ben", "Cem")]  # as a parent does
    assert diagnosis.turned_away([*calls, *closes_all, closed], "Dora") == UNKNOWN
    two_for_cem = Event("receive", 1, 5, "Cem", 6, None)  # a lambda looked up its variable too late; no thread has Dora
    assert diagnosis.who_closed(Seen(calls=[*calls, two_for_cem, closed])) == diagnosis.ONE_CONNECTION
    assert unserved.who_waits(Seen(calls=[*calls, two_for_cem]), ["Ann", "Dora"]) == diagnosis.ONE_CONNECTION


def test_a_descriptor_that_is_closed_twice_is_no_shared_variable():
    calls = []
    for number, peer in enumerate(["Ann", "Ben"], 1):
        calls += [Event("accept", 1, 1, peer, number, number), Event("receive", 1, number + 1, peer, number, number + 1)]
    closes = [Event("close", 1, 2, "Ann", 5, 5), Event("close", 1, 2, "Ben", 6, 6)]
    assert diagnosis.who_closed(Seen(calls=[*calls, *closes])) == diagnosis.CLOSED_TWICE
    assert diagnosis.who_closed(Seen(calls=[*calls, closes[1]])) == diagnosis.ONE_CONNECTION
    of_a_pool = Event("receive", 1, 2, "Cem", 3, 4)  # the worker serves several clients through one shared variable
    assert diagnosis.who_closed(Seen(calls=[*calls, of_a_pool, *closes])) == diagnosis.ONE_CONNECTION


def test_a_client_that_the_selector_does_not_tell_of_is_named():
    calls = [
        Event("accept", 1, 1, "Ann", 0, 1),
        Event("receive", 1, 2, "Ann", 1, None),
        Event("wait", 1, 1, "", 2, None),
    ]
    assert unserved.who_waits(Seen(calls=calls, source=""), ["Ann", "Ben"]) == unserved.NOT_TOLD_OF
    assert unserved.why_not_served(Seen(calls=calls, source=""), "Ben") == unserved.NOT_TOLD_OF
    assert unserved.why_not_served(Seen(calls=calls, source=""), "Ann") == UNKNOWN
    in_accept = [*calls[:2], Event("accept", 1, 1, "", 2, None)]
    assert unserved.why_not_served(Seen(calls=in_accept, source=""), "Ben") == UNKNOWN


CLOSES_THE_LISTENER = """
import asyncio

async def talk(reader, writer):
    async for line in reader:
        writer.write(line)
    writer.close()
    server.close()

async def main():
    global server
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.skipif(not HAS_PROC, reason="Linux tells who listens")
def test_a_server_that_runs_on_and_listens_no_more_is_told_so_and_asked_no_further():
    with launch(CLOSES_THE_LISTENER, name="closes_the_listener") as server:
        report = examine(server, [requirements_tcp.answers, requirements_tcp.pieces, requirements_tcp.binary])
    assert [found.diagnosis for found in report.findings if found.problem] == [diagnosis.LISTENS_NO_MORE], report


def test_a_zombie_that_one_late_signal_has_left_is_no_mistake(monkeypatch):
    more = Mock()
    monkeypatch.setattr(requirements_processes, "come_and_go", more)
    for looks, stay in ([True], False), ([False, True], False), ([False, False], True):
        exam = SimpleNamespace(until=Mock(side_effect=looks), clients=10)
        assert requirements_processes.zombies_stay(exam) == stay
    assert more.call_count == 2


def test_a_few_late_tracebacks_are_not_one_for_each_client():
    crowd, its = requirements_processes.CROWD, diagnosis.ITS_ERROR
    for number, error, is_for_each in (0, UNKNOWN, False), (20, its, False), (crowd, UNKNOWN, False), (crowd, its, True):
        log = f"{requirements_processes.TRACEBACK}:\n" * number
        exam = SimpleNamespace(new_log=log, until=lambda condition, at_rest: condition(), own_error=lambda error=error: error)
        assert requirements_processes.raises_for_each(exam) == is_for_each


@pytest.mark.skipif(not HAS_PROC, reason="Linux tells which threads are there")
def test_a_thread_that_has_seen_the_end_and_stays_is_stuck(monkeypatch):
    monkeypatch.setattr(requirements_processes, "LEAKED", 1)
    here = os.getpid(), threading.get_native_id()
    calls = [Event("accept", 1, 1, "Ann", 0, 1), Event("receive", *here, "Ann", 1, 2)]
    closed = Event("close", *here, "Ann", 2, 3)
    for events, meant in (calls, unserved.STUCK_AT_THE_END), ([*calls, closed], requirements_processes.THREADS_STAY):
        exam = SimpleNamespace(server=Seen(calls=events, source=""))
        assert requirements_processes.who_stays(exam) == meant


@pytest.mark.skipif(not HAS_PROC, reason="Linux tells which threads are there")
def test_a_worker_that_waits_is_told_from_one_that_has_ended():
    for tid, meant in (threading.get_native_id(), unserved.STUCK), (0, unserved.WORKERS_END):
        calls = [Event("accept", 1, 1, "Ann", 0, 1)]
        calls += [Event("receive", os.getpid(), tid, "Ann", 1, 2), Event("close", os.getpid(), tid, "Ann", 2, 3)]
        calls += [Event("accept", 1, 1, "Ben", 3, 4), Event("accept", 1, 1, "", 4, None)]
        assert unserved.why_not_served(Seen(calls=calls, source=""), "Ben") == meant


def test_text_that_its_encoding_does_not_have_is_named():
    line = "你好".encode()
    for came in line.decode(errors="ignore")[:1].encode(), line.decode("ascii", "replace").encode("ascii", "replace"), b"":
        meant = requirements_tcp.what_became_of_text(line, requirements_tcp.shown(came))
        assert (meant == mistakes_tcp.DECODES_LENIENTLY) == (came != "你".encode())


@pytest.mark.parametrize(
    "state, end, tid, meant",
    [
        ("exited with code 0", 2, 1, diagnosis.ENDED),
        ("exited with code 0", 4, 1, diagnosis.ENDED_IN_ACCEPT),
        ("exited with code 0", None, 5, diagnosis.MAIN_THREAD_ENDED),
        ("ended by signal SIGALRM", None, 1, diagnosis.KILLED_BY_A_SIGNAL),
    ],
)
def test_why_a_server_has_ended(state, end, tid, meant):
    calls = [Event("accept", 1, tid, "", 1, end), Event("exit", 1, 5, "", 3, 3)]
    assert diagnosis.meaning(Seen(calls=calls, state=state, pid=1), "", True) == meant


def test_a_server_that_ends_by_itself_again_is_asked_no_further():
    subject = Exam(("127.0.0.1", 1))
    problem = NotMet("two lines", "two answers", "its end", diagnosis.ENDED)
    for before, why in ((1, ""), (2, GATES["ended twice"])):
        subject.report.findings[:] = [Finding(requirements_tcp.answers, MET)] + before * [
            Finding(requirements_tcp.prompt, NOT_MET, problem)
        ]
        assert subject.no_further() == why


def test_answers_to_its_own_lines_in_another_order_are_no_shared_variable(monkeypatch):
    peers, words = [SimpleNamespace()], [[b"client 0 asks %d" % number for number in range(requirements_processes.ASKS)]]
    came = [words[0][1], words[0][0], *words[0][2:]]
    monkeypatch.setattr(requirements_processes, "crowd", lambda *_: peers)
    monkeypatch.setattr(requirements_processes, "all_at_once", lambda *_: [came])
    with pytest.raises(NotMet) as found:
        requirements_processes.ask_for_their_own(SimpleNamespace(clients=1, answer=lambda line: line, kind="tcp"))
    assert found.value.diagnosis == mistakes_tcp.OUT_OF_ORDER


def test_a_pause_that_only_clients_who_stay_bring_about_is_found(monkeypatch):
    monkeypatch.setattr(requirements_tcp, "pauses", lambda *_: True)
    with launch("tcp_thread") as server:
        report = examine(server, [requirements_tcp.answers, requirements_tcp.concurrency])
    assert report["concurrency"].diagnosis == mistakes_tcp.LATE


def test_an_error_that_a_pool_keeps_is_named(monkeypatch):
    monkeypatch.setattr(requirements_tcp, "comes_with_others", lambda *_: False)
    ann = SimpleNamespace(local="Ann")

    def why(text):
        server = Seen(calls=[Event("accept", 1, 1, "Ann", 0, 1)], source=text)
        return requirements_tcp.why_nothing(SimpleNamespace(shows_calls=True, server=server), ann)

    assert why("pool.submit(talk, listener.accept())") == mistakes_tcp.KEPT_BY_A_POOL
    assert why("listener.accept()") == mistakes_tcp.NOT_READ


def test_an_error_is_seen_whatever_its_name():
    frame = 'Traceback (most recent call last):\n  File "server.py", line 1, in <module>\n    next(task)\n'
    for error in "StopIteration", "_queue.Empty", "struct.error: unpack requires a buffer of 4 bytes":
        assert diagnosis.last_traceback(f"{frame}{error}\n", False) == frame + error
    assert not diagnosis.last_traceback("Ann:\n    an indented line\nof the log\n", False)


def test_an_error_in_the_log_stands_above_a_guess_that_none_is_shown():
    seen = diagnosis.NOT_CALLED, UNKNOWN, UNKNOWN
    assert diagnosis.best(diagnosis.ITS_ERROR, *seen) == diagnosis.ITS_ERROR
    assert diagnosis.best(UNKNOWN, *seen) == diagnosis.NOT_CALLED
    too_many = "OSError: [Errno 24] Too many open files"  # ten clients may be too many, so this is no proof of a leak
    assert diagnosis.meaning(SimpleNamespace(kind="tcp"), too_many, True) == diagnosis.TOO_MANY_OPEN


def test_lines_that_go_unanswered_are_one_mistake():
    def unanswered(name, found):
        return requirements_tcp.unanswered(SimpleNamespace(meant=lambda asked: found if asked.name == name else None))

    for name, found in ("joined", mistakes_tcp.TEXT_FILE), ("long line", mistakes_tcp.EDGE_TRIGGERED):
        assert unanswered(name, found) == found
        assert unanswered(name, mistakes_tcp.STRIPS) is None


def test_a_server_that_keeps_slowly_what_nobody_takes_keeps_all_of_it():
    keeps_all, mb = requirements_processes.keeps_all, 1_000_000
    assert keeps_all(17 * mb, 20 * mb, 1) and keeps_all(5 * mb, 6 * mb, 9)
    assert not keeps_all(5 * mb, 6 * mb, 1) and not keeps_all(mb, 6 * mb, 21) and not keeps_all(mb // 2, mb // 2, 21)


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_a_right_server_in_any_style_passes(reports, path):
    assert reports[path].passed, reports[path]


def test_every_requirement_is_failed_by_some_wrong_server(reports):
    names = {one.requirement.name for path in WRONG for one in reports[path].findings}
    assert names == set().union(*map(fails, WRONG))


def test_a_report_prints_what_came_and_the_likely_mistake(reports, capsys):
    report = reports["tcp_loop"]
    text = repr(report)
    assert text.startswith("Examination of tcp_loop: 15 of 18 requirements are met")
    assert "got       nothing" in text and "likely    clients are served one after another" in text
    assert "To read again: lesson 01, 02, 03" in text
    assert report.grade == 83
    report.hint("concurrency"), report.hint("concurrency"), report.hint("concurrency")
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in said[:2]] == ["Hint 1 of 2", "Hint 2 of 2"]
    assert said[2] == "That was the last hint. Read lesson 01 and 02 and 03 again."
    report.hint("answers")
    assert "no hint is needed" in capsys.readouterr().out
    with pytest.raises(LookupError, match="there are: answers, prompt"):
        report["frames"]


def test_an_application_of_its_own(reports):
    report, untold = reports[shouts]
    assert report.passed and untold == ["answers"], report


def test_the_server_runs_on_after_an_examination():
    with launch("tcp_thread") as server:
        assert examine(server, [requirements_tcp.answers, requirements_processes.clean_stop]).passed and server.running


def test_from_a_terminal_over_the_wire_alone(reports):
    done = reports[from_a_terminal]
    assert done.returncode == 0, done.stderr
    assert "14 of 14 requirements are met" in done.stdout
    not_asked = re.findall("^  not asked  (.*?)  ", done.stdout, re.MULTILINE)
    assert [name.strip() for name in not_asked] == ["prompt", "reaping", "descriptors", "patience", "clean stop"]
    for arguments, code in (["nonsense"], 1), ([], 2):
        assert subprocess.run([*COMMAND, *arguments], capture_output=True).returncode == code


def test_what_it_keeps_for_who_does_not_read_is_seen_over_the_wire():
    with launch(EXAMINED / "wrong" / "writes-without-drain.py") as server:
        assert examine(server.address, [requirements_tcp.answers, requirements_processes.memory]).failed == ["memory"]


def test_what_is_no_server_is_told():
    with pytest.raises(TypeError, match="neither a Server nor an address"):
        examine(None)
    report = examine(("127.0.0.1", unused_port()))
    assert report.failed == ["answers"] and "nobody listens there" in repr(report)


@pytest.mark.parametrize("kind, there", [("tcp", socket.SOCK_STREAM), ("udp", socket.SOCK_DGRAM)])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_server_that_is_seen_over_the_wire_alone_has_ended_when_a_client_is_refused(kind, there, is_there):
    with socket.socket(type=there) as server:
        server.bind(("127.0.0.1", 0))
        if is_there and kind == "tcp":
            server.listen()
        exam = Exam(server.getsockname(), kind=kind)
        if not is_there and kind == "udp":
            server.close()
        exam.report.findings.append(Finding(requirements_tcp.answers, MET))
        problems = [NotMet("a line", "its answer", "something else", mistakes_tcp.GIVES_UP) for _ in range(2)]
        found = [exam.not_met(*pair) for pair in zip((requirements_tcp.joined, requirements_tcp.reset), problems, strict=True)]
    exam.report.findings += found
    meant = [diagnosis.NOBODY_LISTENS, diagnosis.told_of(kind, diagnosis.BROKE_OFF)]  # the second requirement tests exactly that
    assert ([finding.said for finding in found] == [""] * 2) == is_there
    assert is_there or [finding.diagnosis for finding in found] == meant
    assert exam.no_further() == ("" if is_there else GATES["nobody listens"])


def test_no_notebook_is_needed():
    code = "import sys; from clients.examiner import chat, requirements_udp; print('ipywidgets' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
