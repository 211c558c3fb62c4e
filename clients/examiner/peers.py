"""The examiner's clients: they wait long, and report exactly what came."""

import contextlib
import errno
import math
import select
import socket
import time

from clients.examiner import diagnosis, unserved
from clients.examiner.requirements import Diagnosis, NotMet
from clients.examiner.waiting import Waiting
from clients.tcp import family_of, reset_on_close
from servers.runtime.events import written

GIVE_UP = 2  # seconds without room to write, after which even a server that computes all the time has stopped reading
LONGEST = 20  # seconds for a lot of data that need not go through completely
NO_ROOM, LOOKS = 0.05, 6  # seconds without room to write; after so many in a row, a server that does not compute has stopped reading
AT_ONCE = 65_536  # bytes in one call
ENDLESS = 1_000_000  # bytes without a newline after which none is expected: a server may send forever
NARROW = {  # {(level, option): value}. By default, loopback buffers megabytes for a client that does not read
    (socket.SOL_SOCKET, socket.SO_SNDBUF): 65_536,  # bytes: what waits in the client's own buffer is not sent yet
    (socket.SOL_SOCKET, socket.SO_RCVBUF): 16_384,  # bytes; once set, the kernel does not let it grow
    (socket.IPPROTO_TCP, socket.TCP_MAXSEG): 1_400,  # as on Ethernet; the server's kernel sizes its send buffer by it
}


HALF = " without a newline, then "  # joins the part that came and what came instead of the rest
NOTHING = "nothing within the time allowed"
# What may come instead of the expected answer, and what else a connection or a process may do.
KINDS = {
    "nothing": "no byte came",
    "half": "bytes came, and no newline behind them",
    "other": "a whole answer came, and not this one",
    "foreign": "bytes came that belong to another client",
    "end": "the connection ended",
    "reset": "the connection was broken off by the server's side",
    "endless": "bytes came without end",
    "refused": "nobody listens there",
    "full": "no connection: the queue in front of the server is full",
    "ended": "the server ended",
}


class Instead(str):
    """What came instead of a line, in words; `kind` is one of KINDS."""

    def __new__(cls, words, kind):
        made = super().__new__(cls, words)
        made.kind = kind
        return made


def kind_of(came):
    """Return the kind of an unexpected answer."""
    return getattr(came, "kind", "other")


def shown(data):
    """Format bytes for a message."""
    if isinstance(data, str):
        return data
    return repr(data)[1:] if len(data) <= 60 else f"{repr(data[:20])[1:-1]} ...' ({len(data):,} bytes)"


def unread(sock):
    """Yield what has come to a socket and has not been read yet, in pieces or datagrams, up to ENDLESS bytes."""
    left = ENDLESS
    with contextlib.suppress(OSError, ValueError):  # a reset; a socket that is closed
        while left > 0 and select.select([sock], [], [], 0)[0] and (came := sock.recv(AT_ONCE)):
            left -= len(came)
            yield came


class TcpPeer:
    """A TCP client: `peer.ask(b"hello", b"hello")` sends a line, and raises NotMet if another answer comes."""

    def __init__(self, exam, name="a client", narrow=False):
        self.exam, self.timeout = exam, exam.timeout
        self.name, self.came, self.sent, self.line_sent = name, b"", "nothing yet", b""
        self.was_reset = False  # seen by drain()
        self.seen, self.received = exam.events_so_far(), 0  # the server's events; the bytes it has received from us, see Exam.received
        self.socket = socket.socket(family_of(exam.address))
        self.socket.setblocking(False)
        for option, value in NARROW.items() if narrow else ():  # before the handshake, which announces window and segment size
            with contextlib.suppress(OSError):  # a kernel that rejects the value
                self.socket.setsockopt(*option, value)
        if problem := self.connect():
            self.socket.close()
            meaning = unserved.why_not_served(exam.server, "") if problem == "full" else ""
            raise NotMet(f"{name} connects", "a connection", KINDS[problem], meaning, problem)
        self.socket.settimeout(self.timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each send goes out at once
        self.local = written(self.socket.getsockname())

    def connect(self):
        """Connect; return the kind of problem, or "" on success."""
        waiting = Waiting(self.exam.server, self.timeout)
        error = self.socket.connect_ex(self.exam.address)
        while error == errno.EINPROGRESS and not select.select([], [self.socket], [], 0.1)[1]:
            if waiting.is_over and not select.select([], [self.socket], [], 0)[1]:
                return "full"
        if error == errno.EINPROGRESS:
            error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return "refused" if error else ""

    def send(self, data, what=None):
        """Send bytes unchanged. Ignore a closed connection: the missing answer will show it."""
        self.sent = f"{what or shown(data)} from {self.name}"
        with contextlib.suppress(ConnectionError):
            try:
                self.socket.sendall(data)
            except TimeoutError:
                raise NotMet(self.sent, "a server that reads it", "it does not", kind="nothing") from None

    def line(self):
        """Return the next line, without its newline; an Instead if none came."""
        while b"\n" not in self.came:
            piece = self.piece()
            if isinstance(piece, Instead):
                return piece
            self.came += piece
            if len(self.came) > ENDLESS:
                return self.instead("endless", "more of it, without end")
        line, _, self.came = self.came.partition(b"\n")
        return line

    def lines(self, number):
        """Return the next `number` lines; or fewer, followed by an Instead."""
        found = []
        while len(found) < number and not (found and isinstance(found[-1], Instead)):
            found.append(self.line())
        return found

    def rest(self):
        """Return all that has come and has not been taken as a line, without waiting."""
        self.came += b"".join(unread(self.socket))
        return self.came

    def piece(self, at_rest=None):
        """Return the next bytes, at least one; an Instead if none come. `at_rest`: see Waiting."""
        waiting = Waiting(self.exam.server, self.timeout, at_rest or self.exam.at_rest)
        while not select.select([self.socket], [], [], 0.1)[0]:
            if waiting.is_over and not select.select([self.socket], [], [], 0)[0]:
                return self.instead("nothing", NOTHING)
        try:
            piece = self.socket.recv(AT_ONCE)
        except ConnectionError:
            return self.instead("reset", "a reset: the server's side broke the connection off")
        return piece or self.instead("end", "the end of the connection")

    def instead(self, kind, what):
        if not self.came:
            return Instead(what, kind)
        return Instead(f"{shown(self.came)}{HALF}{what}", "half" if kind == "nothing" else kind)

    def expect(self, expected, mistake=""):
        """Read a line; raise NotMet if it is not the expected one."""
        came = self.line()
        if came != expected:
            raise self.not_met(expected, came, mistake)

    def not_met(self, expected, came, mistake=""):
        """Return the NotMet about what came, which may be another client's answer."""
        kind, words = kind_of(came), shown(came)
        bytes_came = self.came if isinstance(came, str) else came
        for other in sorted(self.exam.peers, key=lambda peer: -len(peer.line_sent)):  # "client 1" is in "client 10", too
            if other is not self and len(other.line_sent) > 4 and other.line_sent in bytes_came and other.line_sent not in expected:
                kind, words = "foreign", f"{words}, which {other.name.partition(',')[0]} sent"
                break
        if kind == "other" and expected and came.endswith(expected):
            mistake = mistake or LEFT_OVER
        problem, server = NotMet(self.sent, shown(expected), words, mistake, kind), self.exam.server
        if kind in ("other", "end", "reset") and self.exam.shows_calls:
            problem.diagnosis = diagnosis.turned_away(server.events(), self.local).or_else(problem.diagnosis)
        if kind == "nothing" and server and server.running:
            problem.at_rest = len(server.log)
            problem.diagnosis = unserved.why_not_served(server, self.local).or_else(problem.diagnosis)
        return problem

    def ask(self, line, expected, mistake=""):
        self.line_sent = line
        self.send(line + b"\n", f"the line {shown(line)}")
        self.expect(expected, mistake)

    def finish(self):
        """Shut down the sending side; answers can still come."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def pour(self, data):
        """Write without reading until all is written, the peer has stopped reading, or LONGEST is over; return the bytes written."""
        self.socket.setblocking(False)
        gone = waited = looks = 0
        end = time.monotonic() + LONGEST
        try:
            while gone < len(data) and waited < GIVE_UP and time.monotonic() < end:
                if select.select([], [self.socket], [], NO_ROOM)[1]:
                    gone += self.socket.send(data[gone : gone + AT_ONCE])
                    waited = looks = 0
                elif not self.exam.busy():
                    looks += 1
                    if looks == LOOKS:
                        break
                else:
                    looks = 0
                    waited += NO_ROOM  # not the clock: time in which this machine stalls must not count
        except OSError:
            pass  # the server has disconnected
        finally:
            self.socket.settimeout(self.timeout)
        return gone

    def drain(self, data, number, seconds=math.inf):
        """Write the rest of the data while reading, until `number` lines have come, or nothing more comes; return the lines.

        seconds   a limit, if it does not matter whether all lines come
        """
        end = time.monotonic() + seconds
        pieces, lines, waiting = [self.came], self.came.count(b"\n"), Waiting(self.exam.server, self.timeout)
        in_this_line = 0
        self.socket.setblocking(False)
        try:
            while lines < number and time.monotonic() < end:
                is_over = waiting.is_over
                readable, writable, _ = select.select([self.socket], [self.socket] if data else [], [], 0 if is_over else 0.1)
                if is_over and not (readable or writable):
                    break
                if writable:
                    data = data[self.socket.send(data[:AT_ONCE]) :]
                    waiting.begin()
                if readable:
                    if not (piece := self.socket.recv(AT_ONCE)):
                        break
                    pieces.append(piece)
                    lines += piece.count(b"\n")
                    in_this_line = 0 if b"\n" in piece else in_this_line + len(piece)
                    if in_this_line > ENDLESS:
                        break
                    waiting.begin()
        except OSError as problem:
            self.was_reset = isinstance(problem, ConnectionError)  # EPIPE: the peer has reset the connection earlier
        finally:
            self.socket.settimeout(self.timeout)
        return b"".join(pieces).split(b"\n")[:-1]

    def reset(self):
        """Reset the connection: the peer sees what it would see if this machine crashed and came back (RST, RFC 9293, 3.5.2)."""
        reset_on_close(self.socket)
        self.socket.close()

    def close(self):
        """Leave in order, at once: a process that another thread is just starting may hold a copy of the socket for a while."""
        with contextlib.suppress(OSError, ValueError):  # the peer has broken off; closed before
            if not select.select([self.socket], [], [], 0)[0]:  # closed with something unread, a socket is reset instead
                self.socket.shutdown(socket.SHUT_WR)
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


LEFT_OVER = Diagnosis(
    "something that came earlier stands before the answer: a buffer is not emptied, or not dropped when its client has left",
    (
        "What is in the client's buffer when its first bytes come, and after each answer?",
        "One buffer for each connection: new when it is accepted, gone when it is closed. A descriptor's number is used again.",
    ),
    ("04",),
)
OLD_BYTES = Diagnosis(
    "bytes of an earlier, longer datagram stand behind the answer: the buffer is sent as a whole, or never emptied",
    (
        "How many bytes of the buffer belong to this datagram? recvfrom_into() says how many it has filled.",
        "Send what came with this datagram and no more: buffer[:number], or the bytes that recvfrom() returns.",
    ),
    ("01",),
)


def is_longer(came, expected):
    """Return whether this is the expected answer followed by something else."""
    return isinstance(came, bytes) and came != expected and came.startswith(expected)


class UdpPeer:
    """A UDP client, with the same `ask`. One datagram out, one back."""

    def __init__(self, exam, name="a client", narrow=False):
        self.exam, self.timeout, self.name, self.line_sent = exam, exam.timeout, name, b""
        self.seen, self.received = exam.events_so_far(), 0  # as in TcpPeer
        self.has_sent_nothing = False  # whether it has sent an empty datagram; the answer may be empty, too, or missing
        self.socket = socket.socket(family_of(exam.address), socket.SOCK_DGRAM)
        self.socket.settimeout(self.timeout)
        self.socket.connect(exam.address)
        self.local = written(self.socket.getsockname())

    def send(self, data):
        self.has_sent_nothing |= not data
        with contextlib.suppress(ConnectionError):  # the next call reports an earlier datagram that was refused
            self.socket.send(data)

    def datagram(self):
        """Return the next datagram without its last newline; an Instead if none came. Skip the answers to our own empty datagrams."""
        waiting, is_over = Waiting(self.exam.server, self.timeout), False
        while not is_over:
            is_over = waiting.is_over
            try:
                if select.select([self.socket], [], [], 0 if is_over else 0.1)[0]:
                    data = self.socket.recv(AT_ONCE)
                    if data or not self.has_sent_nothing:
                        return data.removesuffix(b"\n")
            except ConnectionError:
                return Instead("word from the kernel that nobody is bound to this port", "refused")
        return Instead(NOTHING, "nothing")

    def ask(self, line, expected, mistake=""):
        self.line_sent = line
        self.send(line + b"\n")
        came = self.datagram()
        if came != expected:
            meaning = mistake or (OLD_BYTES if is_longer(came, expected) else "")
            raise NotMet(f"a datagram with {shown(line)} from {self.name}", shown(expected), shown(came), meaning, kind_of(came))

    def close(self):
        self.socket.close()

    __enter__, __exit__ = TcpPeer.__enter__, TcpPeer.__exit__
