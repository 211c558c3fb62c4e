"""The application behind every model: framing, limits, misbehaving peers, and a server that survives them."""

import os
import socket

import pytest
from support import ask, ask_udp, connect, lingers, read_all, reset, udp_client

from servers import app, catalogue, launch

LINES = [name for name, entry in catalogue.items() if entry.protocol == "lines"]
TCP = [name for name in LINES if "UDP" not in name and "udp" not in name]
UDP = [name for name in LINES if name not in TCP]
TOO_LONG = b"error: a line may have 65536 bytes\n"


# ---------------------------------------------------------------- without a socket


def chunks(*pieces):
    """Return a `receive` function that returns these pieces, then b""."""
    rest = iter(pieces)
    return lambda size: next(rest, b"")


@pytest.mark.parametrize(
    "pieces, expected",
    [
        ([b"hel", b"lo\n"], [b"hello"]),
        ([b"one\ntwo\nthree\n"], [b"one", b"two", b"three"]),
        ([b"one\nt", b"wo\n"], [b"one", b"two"]),
        ([b"one\n", b"no newline"], [b"one", b"no newline"]),
        ([b"\n\n"], [b"", b""]),
        ([b"\xff\xfe\n"], [b"\xff\xfe"]),
        ([bytes([byte]) for byte in "你好\n".encode()], ["你好".encode()]),
        ([], []),
    ],
)
def test_lines(pieces, expected):
    assert list(app.lines(chunks(*pieces))) == expected


def test_a_line_may_have_65536_bytes_and_no_more():
    longest = b"x" * 65_536
    assert list(app.lines(chunks(longest, b"\n"))) == [longest]
    for pieces in [longest + b"x"], [longest + b"x\n"], [longest, b"x\n"]:
        with pytest.raises(app.LineTooLong):
            list(app.lines(chunks(*pieces)))


def test_an_endless_line_is_searched_once_and_kept_no_further_than_the_limit():
    """Each piece is searched alone: joining it to the pending bytes and splitting again would take quadratic time."""

    class Pending(bytearray):
        def __add__(self, piece):
            raise AssertionError("what is pending was copied, for a piece without newline")

    lines = app.Lines()
    lines.pending = Pending()
    while not lines.too_long:
        assert lines.feed(b"xyz") == []
    assert len(lines.pending) <= app.LINE_LIMIT + 3
    conversation = app.Conversation()
    while not conversation.over:
        said = conversation.hear(b"x" * 4096)
    assert said == TOO_LONG and conversation.hear(b"more") == b"" and len(conversation.lines.pending) <= app.LINE_LIMIT + 4096


def test_commands():
    assert app.answer(b"hello") == b"hello"
    assert app.answer(b"sleep 0.001") == b"sleep 0.001"
    assert app.answer(b"burn 0.001") == b"burn 0.001"
    assert app.answer(b"who").startswith(b"process %d thread " % os.getpid())
    assert int(app.answer(b"count")) + 1 == int(app.answer(b"count"))


@pytest.mark.parametrize("amount", [b"x", b"-1", b"nan", b"inf", b"61", b"\xff"])
def test_work_that_cannot_be_done_is_answered(amount):
    assert app.answer(b"sleep " + amount).startswith(b"error: sleep takes 0 to 60 seconds")


@pytest.mark.parametrize("line", [b"sleep", b"sleep 1 2", b"Who", b"who are you", b"sleeping 1"])
def test_what_is_no_command_is_echoed(line):
    assert app.answer(line) == line


def test_a_datagram_keeps_its_newline_or_its_lack_of_one():
    assert app.answer_datagram(b"one\ntwo\n") == b"one\ntwo\n"
    assert app.answer_datagram(b"one") == b"one"
    assert app.answer_datagram(b"") == b""
    assert app.answer_datagram(b"sleep x\n" * 5_000) == b"error: the answers do not fit into one datagram\n"


# ---------------------------------------------------------------- every TCP server


def split_over_packets(address):
    with connect(address) as client:
        client.sendall(b"hel")
        client.sendall(b"lo\nwor")
        assert client.recv(100) == b"hello\n"  # answered while the second line is incomplete
        client.sendall(b"ld\n")
        assert client.recv(100) == b"world\n"


def several_in_a_packet(address):
    assert ask(address, b"one", b"two", b"", b"windows\r", "你好".encode(), b"\xff\xfe\x00") == [
        b"one", b"two", b"", b"windows", "你好".encode(), b"\xff\xfe\x00",
    ]  # fmt: skip


def no_newline_at_the_end(address):
    with connect(address) as client:
        client.sendall(b"one\ntwo")
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == b"one\ntwo\n"


def longest_line(address):
    line = b"x" * app.LINE_LIMIT
    assert ask(address, line) == [line]


def line_too_long(address):
    """The answer arrives even though the client sends 5 MB before it reads."""
    for size in app.LINE_LIMIT + 1, 5_000_000:
        with connect(address) as client:
            client.sendall(b"first\n" + b"x" * size)
            assert read_all(client) == b"first\n" + TOO_LONG


def too_long_with_newline(address):
    with connect(address) as client:
        client.sendall(b"x" * (app.LINE_LIMIT + 1) + b"\nnot answered any more\n")
        assert read_all(client) == TOO_LONG


def leaves_at_once(address):
    connect(address).close()


def resets(address):
    for sent in b"", b"half a li", b"whole\n", b"many\n" * 50_000:
        client = connect(address)
        client.sendall(sent)
        reset(client)


BEHAVIOURS = [
    split_over_packets,
    several_in_a_packet,
    no_newline_at_the_end,
    longest_line,
    line_too_long,
    too_long_with_newline,
    leaves_at_once,
    resets,
]


@pytest.mark.parametrize("name", TCP)
def test_every_tcp_server_answers_and_lives_on(name):
    with launch(*lingers(name), name=name) as server:
        for behave in BEHAVIOURS:
            behave(server.address)
            assert ask(server.address, b"still there?") == [b"still there?"], f"after: {behave.__name__}"
        assert server.running
        assert "Traceback" not in server.log


def test_threads_share_a_count_and_forks_do_not():
    with launch("ThreadingTCPServer") as server:
        assert [ask(server.address, b"count") for _ in range(3)] == [[b"1"], [b"2"], [b"3"]]
    with launch("tcp_fork") as server:
        assert [ask(server.address, b"count") for _ in range(3)] == [[b"1"], [b"1"], [b"1"]]


# ---------------------------------------------------------------- every UDP server


@pytest.mark.parametrize("name", UDP)
def test_every_udp_server_answers_and_lives_on(name):
    with launch(name) as server:
        for datagram in b"hello\n", b"one\ntwo\n", b"no newline", b"\xff\xfe\n", b"", b"\n\n", b"x" * 65_507:
            assert ask_udp(server.address, datagram) == datagram
        too_much = b"sleep x\n" * 5_000
        assert ask_udp(server.address, too_much) == b"error: the answers do not fit into one datagram\n"
        udp_client(server.address).close()
        with udp_client(server.address) as gone:
            gone.send(b"nobody is there to hear the answer\n")
        assert ask_udp(server.address, b"still there?") == b"still there?"
        assert server.running
        assert "Traceback" not in server.log


@pytest.mark.parametrize("name", ["ForkingUDPServer", "ThreadingUDPServer"])
def test_a_slow_datagram_delays_no_other(name):
    with launch(name) as server, udp_client(server.address) as slow:
        slow.send(b"sleep 60\n")
        assert ask_udp(server.address, b"quick\n") == b"quick\n"
        slow.setblocking(False)
        with pytest.raises(BlockingIOError):
            slow.recv(100)
