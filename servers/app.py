"""The one application that every model serves. It has no command line and creates no socket.

Lines in, lines out, so that `nc` is a client too. It answers a line with the same line,
except for four commands that the lessons need:

    sleep 0.5    wait half a second, then answer             (work that waits: I/O-bound)
    burn 0.2     compute for 0.2 s of CPU time, then answer  (work that computes: CPU-bound)
    who          name the process and the thread that answer
    count        count how many times this process has been asked to count

From the top down: a model decides which process or thread calls `converse`, and when; `converse`
answers a connection's lines until its peer leaves; `answer` answers one line, without a socket.
`answer_datagram` does the same for UDP. A model that must not block on one client keeps a
`Conversation` for each: pieces in, answers out, no socket inside.
"""

import contextlib
import itertools
import os
import threading
import time

from servers import sockets

LINE_LIMIT = 65_536  # bytes in a line, not counting its newline
DATAGRAM_LIMIT = 65_507  # bytes: 65,535 less 8 of UDP header (RFC 768), 20 of IPv4 header (RFC 791)
LONGEST_WORK = 60  # seconds that one `sleep` or `burn` may take

counted = 0  # how often `count` was asked: shared by a process's threads, copied by a fork


# ---------------------------------------------------------------- the application


def answer(line):
    """Return the answer to one line; both are bytes, without a newline."""
    match line.split():
        case [b"sleep" | b"burn" as work, amount]:
            return _do(work, amount) or line
        case [b"who"]:
            return b"process %d thread %d" % (os.getpid(), threading.get_native_id())
        case [b"count"]:
            return count()
    return line


async def answer_async(line):
    """answer() as a coroutine: others run while it sleeps, but not while it burns."""
    match line.split():
        case [b"sleep", amount] if (seconds := _seconds(amount)) is not None:
            import asyncio  # here, because it doubles a server's start-up time

            await asyncio.sleep(seconds)
            return line
    return answer(line)


def _do(work, amount):
    """Sleep or burn; return None, or an error line if `amount` is invalid."""
    seconds = _seconds(amount)
    if seconds is None:
        return b"error: %b takes 0 to %d seconds, as in: %b 0.5" % (work, LONGEST_WORK, work)
    time.sleep(seconds) if work == b"sleep" else burn(seconds)


def _seconds(amount):
    """Parse a number of seconds; return None unless it is from 0 to LONGEST_WORK."""
    try:
        seconds = float(amount)
    except ValueError:
        return None
    return seconds if 0 <= seconds <= LONGEST_WORK else None  # nan fails here too


def burn(seconds):
    """Use this much of the thread's CPU time; time spent waiting for a core does not count."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def count():
    global counted
    counted += 1
    return b"%d" % counted


# ---------------------------------------------------------------- framing


TOO_LONG = b"error: a line may have %d bytes\n" % LINE_LIMIT


class LineTooLong(Exception):
    """The peer sent more than LINE_LIMIT bytes without a newline."""


class Lines:
    """Split a stream into lines: TCP may deliver a line in pieces, or many lines in one piece.

    `pending` holds the unfinished last line. `too_long` is true once a line exceeds LINE_LIMIT.
    """

    def __init__(self):
        self.pending = bytearray()
        self.too_long = False

    def feed(self, piece):
        """Return the lines that this piece completes, stopping before one that is too long.

        An empty piece marks the end of the stream and completes the last line.
        """
        if piece and b"\n" not in piece:  # joining and splitting each time is quadratic
            self.pending += piece
            self.too_long = self.too_long or len(self.pending) > LINE_LIMIT
            return []
        *lines, rest = (self.pending + piece).split(b"\n")
        if rest and not piece:
            lines, rest = [rest], bytearray()
        self.pending = rest
        short = list(itertools.takewhile(lambda line: len(line) <= LINE_LIMIT, lines))
        self.too_long = len(short) < len(lines) or len(rest) > LINE_LIMIT
        return [bytes(line) for line in short]


def lines(receive):
    """Yield the lines from `receive(size)` until it returns no bytes. Raises LineTooLong."""
    stream, piece = Lines(), True
    while piece:
        piece = receive(4096)
        yield from stream.feed(piece)
        if stream.too_long:
            raise LineTooLong


# ---------------------------------------------------------------- one conversation


def converse(connection, receive=None, send=None):
    """Answer every line on this connection until the peer leaves. The caller closes it.

    `receive` and `send` default to the connection's `recv` and `sendall`; a handler with file
    objects passes their methods. A reset means that the peer has left: not a server error.
    """
    receive, send = receive or connection.recv, send or connection.sendall
    try:
        for line in lines(receive):
            send(answer(line) + b"\n")  # blocks while the peer does not read: backpressure
    except LineTooLong:
        refuse(connection, TOO_LONG)
    except ConnectionError:
        pass


class Conversation:
    """converse() without a socket, for a server that reads from many clients in turn.

    `over` is true once no more answers follow: the client has finished or sent too long a line.
    """

    def __init__(self):
        self.lines = Lines()
        self.over = False

    def hear(self, piece):
        """Return the answers to the lines that this piece completes; b"" marks the client's end."""
        if self.over:
            return b""
        answers = [answer(line) + b"\n" for line in self.lines.feed(piece)]
        if self.lines.too_long:
            answers.append(TOO_LONG)
        self.over = self.lines.too_long or not piece
        return b"".join(answers)


def refuse(connection, reason):
    """Send the client the reason, and make sure it arrives. The caller closes the connection."""
    connection.settimeout(sockets.LINGER)
    with contextlib.suppress(OSError):
        connection.sendall(reason)
    sockets.linger(connection)


def answer_datagram(data):
    """Answer all lines of a datagram in one; it ends in a newline if the question did."""
    answers = b"\n".join(answer(line) for line in data.split(b"\n"))
    if len(answers) > DATAGRAM_LIMIT:
        return b"error: the answers do not fit into one datagram\n"
    return answers
