"""The load generator counts what it should and hides nothing; its reports show what the server did."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import textwrap

import psutil
import pytest
from support import eventually, program

from clients.load import Load
from clients.load.tally import quantiles
from clients.report import LoadError, Measurement, Reports, measure
from servers import launch
from servers.runtime import process_tree

ODD = """
import socket, struct, threading, time

def converse(connection):
    with connection:
        number = 0
        while line := connection.recv(65_536):  # a client of the crowd sends one short line, and waits
            number += 1
            BODY

listener = socket.create_server(("127.0.0.1", 0), backlog=128)
while True:
    threading.Thread(target=converse, args=(listener.accept()[0],), daemon=True).start()
"""


def odd(body):
    """Return a server that runs `body` for each line."""
    return launch(ODD.replace("BODY", textwrap.indent(textwrap.dedent(body), " " * 12).strip()), name="odd")


def quick(server, **options):
    return measure(server, **{"seconds": 0.5, "warm_up": 0.1, "connections": 4} | options)


# ---------------------------------------------------------------- what is counted


def test_right_answers_are_counted_and_nothing_else():
    with launch("tcp_epoll") as server:
        report = quick(server)
        asked = sum(event.kind == "receive" and event.bytes > 0 for event in server.events()) + server.dropped
    assert 0 < report.answers <= asked
    assert (report.errors, report.unanswered, report.starved) == ({}, 0, 0)
    assert 0 < report.quantiles[0] <= report.p50 <= report.p90 <= report.p99 <= report.longest


RIGHT = "if number % 3:\n    connection.sendall(line)\nelse:\n    "


@pytest.mark.parametrize(
    "what, body",
    [
        ("wrong answers", RIGHT + "connection.sendall(b'nonsense\\n')"),
        ("wrong answers", "connection.sendall(line + b'more\\n')"),
        ("short reads", RIGHT + "connection.sendall(line[:3]); return"),
        ("closed by server", RIGHT + "return"),
        ("reset", RIGHT + "connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); return"),
        ("time-outs", RIGHT + "pass"),
    ],
)
def test_what_goes_wrong_is_counted_by_its_kind(what, body):
    with odd(body) as server:
        timeout = 0.2 if what == "time-outs" else 5  # short only in the case that tests it
        report = quick(server, timeout=timeout, seconds=1, rate=200)
    assert report.errors.get(what, 0) > 0
    assert set(report.errors) == {what}
    assert report.answers > 0 or body.startswith("connection")


def test_nobody_there_is_an_error_each_time_and_the_clients_are_starved():
    report = quick(("127.0.0.1", 1))
    assert report.answers == 0 and report.quantiles == []
    assert report.errors["refused"] > 0 and report.starved == 4
    assert "refused" in repr(report)


def test_answers_in_pieces_are_right():
    with odd("for place in range(len(line)): connection.sendall(line[place:place + 1]); time.sleep(0.001)") as server:
        report = quick(server)
    assert report.answers > 0 and report.errors == {}


def test_a_line_that_fits_into_no_buffer_is_sent_whole():
    with launch("tcp_thread") as server:
        report = quick(server, mix="x" * 65_000)
    assert report.answers > 0 and report.errors == {}


def test_clients_that_the_model_leaves_waiting_are_named_and_their_wait_counts():
    with launch("tcp_loop") as server:
        report = quick(server, connections=3)
    assert report.answers > 0
    assert (report.starved, report.unanswered) == (2, 2)
    assert report.longest >= 500  # ms: the whole measured time
    assert "2 of 3 clients never answered" in repr(report)


def test_open_loop_counts_from_the_moment_a_question_was_due():
    """A server pauses for a second: of 100 questions per second, those due in that second waited, whether sent or not."""
    with odd("if number == 20: time.sleep(1)\nconnection.sendall(line)") as server:
        report = quick(server, connections=1, rate=100, seconds=2, warm_up=0)
    assert report.percentile(75) > 100  # ms. Counted from the moment of sending, only one question in 200 would have waited


def test_closed_loop_asks_a_slow_server_less():
    with odd("time.sleep(0.1); connection.sendall(line)") as server:
        report = quick(server, connections=2, seconds=1)
    assert 0 < report.answers <= 20


def test_open_loop_asks_at_its_rate():
    with launch("tcp_epoll") as server:
        report = quick(server, rate=50, seconds=1)
    assert report.answers + report.unanswered <= 75  # nominally 50; some of the warm-up may come late


def test_a_new_connection_for_each_question():
    with launch("tcp_epoll") as server:
        report = quick(server, connect_each=True, rate=100)
        eventually(lambda: all(map(process_tree.is_idle, server.pids())))  # it has accepted the last client, too
        accepts = sum(event.kind == "accept" and event.end is not None for event in server.events())
        assert 0 < report.answers <= accepts
        before = accepts
        report = quick(server, connect_each=False, rate=100)
        accepts = sum(event.kind == "accept" and event.end is not None for event in server.events())
        assert report.answers > 4 and accepts - before == 4


def test_the_mix_is_asked_in_its_shares():
    with odd("print(line.decode(), end='', flush=True); connection.sendall(line)") as server:
        quick(server, connections=1, mix="3 hello, 1 sleep 0.01", seconds=1, rate=200)
        lines = server.log.splitlines()
    assert len(lines) > 20
    assert abs(lines.count("hello") - 3 * lines.count("sleep 0.01")) <= 4


def test_udp_counts_what_is_lost():
    source = """
        import socket
        with socket.socket(type=socket.SOCK_DGRAM) as mailbox:
            mailbox.bind(("127.0.0.1", 0))
            number = 0
            while True:
                data, peer = mailbox.recvfrom(65_535)
                number += 1
                if number % 5:
                    mailbox.sendto(data, peer)
    """
    with launch(textwrap.dedent(source), name="lossy") as server:
        report = quick(server, seconds=1, timeout=0.1, rate=200)
    assert report.load.udp and report.answers > 0
    assert set(report.errors) == {"lost"}
    with launch("udp_loop") as server:
        assert quick(server).errors == {}


# ---------------------------------------------------------------- what is reported about the server


def test_idle_clients_cost_what_they_cost():
    with launch("tcp_thread", watch=False) as server:
        report = quick(server, connections=1, idle=20, rate=100)
        assert report.threads == 22
        assert report.descriptors >= 22
        assert report.errors == {} and report.starved == 0
    with launch("tcp_fork", watch=False) as server:
        report = quick(server, connections=1, idle=60, warm_up=0, seconds=0.05)  # all are connected before it begins
        assert report.processes == 62
        assert report.memory > 62 * 2**17


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of the children that have ended")
def test_cpu_time_of_children_that_have_ended_counts():
    with launch("tcp_fork", watch=False) as server:
        measurement = Measurement(server, Load(connections=4, connect_each=True, mix="burn 0.02", warm_up=0.1, seconds=600))
        eventually(lambda: measurement.progress["answers"] > 20 and measurement.progress["phase"] == "measuring")
        measurement.stop()
        report = measurement.wait(60)
    assert report.answers > 4
    assert report.cpu >= 0.02 * (report.answers - 4)  # the first four may have burnt some of theirs before
    assert report.cpu == pytest.approx(report.cpu_user + report.cpu_system)


# ---------------------------------------------------------------- stop, and the end


def test_stopping_keeps_what_was_measured():
    with launch("tcp_epoll") as server:
        measurement = Measurement(server, Load(seconds=600))
        eventually(lambda: measurement.progress["answers"] > 0 and measurement.progress["phase"] == "measuring")
        measurement.stop()
        report = measurement.wait(60)
    assert report.answers > 0 and 0 < report.seconds < 600
    assert report.stopped and "stopped after" in repr(report)
    assert report.processes == 1


def test_stopping_at_once_is_no_error():
    with launch("tcp_epoll") as server:
        measurement = Measurement(server, Load(seconds=600, warm_up=60))
        measurement.stop()
        assert measurement.wait(60).answers == 0


def test_the_load_ends_with_the_program_that_wanted_it():
    with launch("tcp_epoll") as server:
        code = (
            "import time; from clients.report import Measurement; from clients.load import Load;"
            f"m = Measurement({server.address}, Load(seconds=600)); print(m.process.pid, flush=True); time.sleep(600)"
        )
        with program([sys.executable, "-c", code], text=True) as parent:
            load = psutil.Process(int(parent.stdout.readline()))
        eventually(lambda: not load.is_running() or load.status() == psutil.STATUS_ZOMBIE, "the end of the load")


def test_a_load_that_is_killed_is_an_error_in_words():
    with launch("tcp_epoll") as server:
        measurement = Measurement(server, Load(seconds=600))
        os.kill(measurement.process.pid, signal.SIGKILL)
        with pytest.raises(LoadError, match="ended early"):
            measurement.wait(60)


def test_a_server_that_does_not_run_cannot_be_measured():
    with launch("tcp_epoll") as server:
        pass
    with pytest.raises(LoadError, match="is stopped"):
        measure(server)


# ---------------------------------------------------------------- numbers, tables, files


def test_quantiles_are_exact_by_nearest_rank():
    values = list(range(1, 11))
    curve = quantiles(reversed(values))
    assert len(curve) == 1001
    assert [curve[step] for step in (0, 1, 100, 101, 500, 501, 900, 990, 1000)] == [1, 1, 1, 2, 5, 6, 9, 10, 10]
    assert quantiles([]) == []


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"connections": 0}, "1 to 10,000"),
        ({"connections": 9_000, "idle": 2_000}, "1 to 10,000"),
        ({"seconds": 0}, "seconds"),
        ({"mix": "9 hello,, 1 sleep 0.1"}, "is not a mix"),
        ({"mix": ""}, "is not a mix"),
        ({"udp": True, "idle": 1}, "UDP"),
    ],
)
def test_a_load_that_cannot_be_says_why(wrong, said):
    with pytest.raises(ValueError, match=said):
        Load(**wrong)


def test_reports_are_saved_as_csv(tmp_path):
    with launch("tcp_loop", watch=False) as server:
        reports = Reports([quick(server, connections=count, rate=100) for count in (2, 1)])
    reports.save(tmp_path / "race.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "race.csv").read_text())))
    assert [row["server"] for row in rows] == ["tcp_loop", "tcp_loop"]
    assert "1 of 2 clients never answered" in rows[0]["what went wrong"]


def test_from_the_command_line():
    with launch("tcp_epoll") as server:
        command = [sys.executable, "-m", "clients.load", "%s:%d" % server.address, "--seconds=0.3", "--connections=3"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    assert "answers in" in said.stdout and "no errors" in said.stdout
    said = subprocess.run([*command[:3], "nowhere"], capture_output=True, text=True, timeout=60)
    assert said.returncode != 0 and "is not an address" in said.stderr


@pytest.mark.parametrize("source", [os.devnull, __file__], ids=["/dev/null", "a file"])
def test_it_measures_for_a_program_whose_standard_input_cannot_be_waited_for(source):
    with launch("tcp_epoll") as server, open(source) as nothing:
        command = [sys.executable, "-m", "clients.load", "%s:%d" % server.address, "--json", "--seconds=0.3", "--connections=2"]
        done = subprocess.run(command, stdin=nothing, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and not done.stderr
        assert json.loads(done.stdout.splitlines()[-1])["result"]["answers"] > 0
