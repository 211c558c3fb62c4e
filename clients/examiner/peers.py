"""The clients that the examiner sends: they wait long, and say exactly what came."""

import contextlib
import select
import socket
import struct
import time

from clients.examiner.requirements import NotMet

STUCK = 0.5  # seconds without room to write, after which a server that does not compute has stopped reading
AT_ONCE = 65_536  # bytes in one call
ENDLESS = 1_000_000  # bytes without a newline after which no newline will come: a server may talk for ever
NARROW = {  # (level, option): its value. Loopback alone would take megabytes for one who does not read
    (socket.SOL_SOCKET, socket.SO_RCVBUF): 16_384,  # bytes; once set, the kernel does not let it grow
    (socket.IPPROTO_TCP, socket.TCP_MAXSEG): 1_400,  # as on Ethernet; the server's kernel makes its send buffer by it
}


def shown(data):
    """Bytes as a message shows them."""
    if isinstance(data, str):
        return data
    return repr(data)[1:] if len(data) <= 60 else f"{len(data):,} bytes, {repr(data[:20])[1:-1]} ...'"


class TcpPeer:
    """A TCP client: `peer.ask(b"hello", b"hello")` sends a line and compares the answer. Raises NotMet."""

    def __init__(self, address, patience, name="a client", busy=lambda: False, narrow=False):
        self.patience, self.name, self.came, self.sent = patience, name, b"", "nothing yet"
        self.server_is_busy = busy
        self.socket = socket.socket()
        self.socket.settimeout(patience)
        for option, value in NARROW.items() if narrow else ():  # before the handshake, in which the server is told of both
            with contextlib.suppress(OSError):  # a kernel that knows better
                self.socket.setsockopt(*option, value)
        try:
            self.socket.connect(address)
        except OSError as problem:
            self.socket.close()
            full = isinstance(problem, TimeoutError)
            raise NotMet(
                f"{name} connects",
                "a connection",
                f"none within {patience:g} s: the queue in front of the server is full" if full else "nobody listens there",
            ) from None
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each send goes out at once
        self.local = "%s:%d" % self.socket.getsockname()

    def send(self, data, what=None):
        """Send bytes as they are. A server that has hung up is noticed when its answer is missing."""
        self.sent = f"{what or shown(data)} from {self.name}"
        with contextlib.suppress(ConnectionError):
            try:
                self.socket.sendall(data)
            except TimeoutError:
                raise NotMet(self.sent, "a server that reads it", f"it did not within {self.patience:g} s") from None

    def line(self):
        """The next line, without its newline; as a str, in words, what came instead of one."""
        while b"\n" not in self.came:
            try:
                piece = self.socket.recv(AT_ONCE)
            except TimeoutError:
                return self.instead(f"nothing within {self.patience:g} s")
            except ConnectionError:
                return self.instead("a reset: the server's side broke the connection off")
            if not piece:
                return self.instead("the end of the connection")
            self.came += piece
            if len(self.came) > ENDLESS:
                return self.instead("more of it, without end")
        line, _, self.came = self.came.partition(b"\n")
        return line

    def instead(self, what):
        return f"{shown(self.came)} without a newline, then {what}" if self.came else what

    def expect(self, expected, mistake=""):
        """Read a line and compare it."""
        came = self.line()
        if came != expected:
            raise NotMet(self.sent, shown(expected), shown(came), mistake)

    def ask(self, line, expected, mistake=""):
        self.send(line + b"\n", f"the line {shown(line)}")
        self.expect(expected, mistake)

    def finish(self):
        """Say that nothing more will be sent; answers can still come."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def pour(self, data):
        """Write without reading, until all is written or the other side has stopped reading; return how much went out."""
        self.socket.setblocking(False)
        gone, last = 0, time.monotonic()
        try:
            while gone < len(data) and time.monotonic() < last + self.patience:
                if select.select([], [self.socket], [], STUCK)[1]:
                    gone += self.socket.send(data[gone : gone + AT_ONCE])
                    last = time.monotonic()
                elif not self.server_is_busy():
                    break
        except OSError:
            pass  # the server has hung up
        finally:
            self.socket.settimeout(self.patience)
        return gone

    def drain(self, data, number):
        """Write the rest of the data while reading, until `number` lines have come, or nothing more does; return the lines."""
        pieces, lines, last = [self.came], self.came.count(b"\n"), time.monotonic()
        in_this_line = 0
        self.socket.setblocking(False)
        try:
            while lines < number and time.monotonic() < last + self.patience:
                readable, writable, _ = select.select([self.socket], [self.socket] if data else [], [], 0.1)
                if writable:
                    data = data[self.socket.send(data[:AT_ONCE]) :]
                    last = time.monotonic()
                if readable:
                    if not (piece := self.socket.recv(AT_ONCE)):
                        break
                    pieces.append(piece)
                    lines += piece.count(b"\n")
                    in_this_line = 0 if b"\n" in piece else in_this_line + len(piece)
                    if in_this_line > ENDLESS:
                        break
                    last = time.monotonic()
        except OSError:
            pass
        finally:
            self.socket.settimeout(self.patience)
        return b"".join(pieces).split(b"\n")[:-1]

    def reset(self):
        """Break off: what the other side sees when this machine crashes and comes back (a RST, RFC 9293, 3.5.2)."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class UdpPeer:
    """A UDP client, with the same `ask`. One datagram out, one back."""

    def __init__(self, address, patience, name="a client", busy=None, narrow=False):
        self.patience, self.name = patience, name
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.settimeout(patience)
        self.socket.connect(address)
        self.local = "%s:%d" % self.socket.getsockname()

    def send(self, data):
        with contextlib.suppress(ConnectionError):  # word that nobody was there comes with the next call
            self.socket.send(data)

    def datagram(self):
        """The next datagram that is not empty, without a last newline; as a str, in words, what came instead."""
        while True:
            try:
                if data := self.socket.recv(AT_ONCE):
                    return data.removesuffix(b"\n")
            except TimeoutError:
                return f"nothing within {self.patience:g} s"
            except ConnectionError:
                return "word from the kernel that nobody is bound to this port"

    def ask(self, line, expected, mistake=""):
        self.send(line + b"\n")
        came = self.datagram()
        if came != expected:
            raise NotMet(f"a datagram with {shown(line)} from {self.name}", shown(expected), shown(came), mistake)

    def close(self):
        self.socket.close()

    __enter__, __exit__ = TcpPeer.__enter__, TcpPeer.__exit__
