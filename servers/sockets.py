"""Listeners, the limit on descriptors, signals around fork(), and the lingering close.

Models create their sockets here. Whatever concerns the system, rather than what clients send, is
here too. `options` is any object with a host, a port and a backlog, such as main.parser() parses.
"""

import contextlib
import io
import signal
import socket
import sys
import time

BACKLOG = 128  # connections that may wait to be accepted, unless --backlog says otherwise
LINGER = 1  # seconds that a lingering close waits for the peer to close


def tcp_listener(options, reuse_port: bool = False) -> socket.socket:
    """Return a bound, listening TCP socket. Raises OSError if the address cannot be bound.

    SO_REUSEADDR: bind even if connections of an earlier run are still in TIME_WAIT (socket(7)).
    TCP_NODELAY: send an answer at once, even if the previous one is unacknowledged (tcp(7));
    the sockets that accept() returns inherit it.
    reuse_port: share the port with other listeners that set SO_REUSEPORT too (socket(7)).
    """
    allow_descriptors()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if reuse_port:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((options.host, options.port))
        listener.listen(options.backlog)
    except OSError:
        listener.close()
        raise
    return listener


def udp_socket(options) -> socket.socket:
    """Return a bound UDP socket: there is no listen() and no accept().

    Raises OSError if the address cannot be bound.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind((options.host, options.port))
    except OSError:
        sock.close()
        raise
    return sock


def send_datagram(sock: socket.socket, data: bytes, peer: tuple) -> None:
    """Send a datagram. If that fails it is lost, as any datagram may be; the server carries on."""
    try:
        sock.sendto(data, peer)
    except OSError as error:
        print(f"could not send a datagram of {len(data)} bytes: {error}", file=sys.stderr)


def allow_descriptors(most: int | None = None) -> int | None:
    """Set the limit on open descriptors to `most`, or to the system's maximum (getrlimit(2)).

    The usual soft limit is 1,024. Returns the limit now in force.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return most
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for number in most or hard, 10_240:  # all that macOS allows, whatever its hard limit
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
            return number
    return soft


@contextlib.contextmanager
def signals_blocked():
    """Hold signals back until the block ends: Ctrl-C inside a fork would leave an unknown child."""
    blocked = signal.SIGINT, signal.SIGTERM, signal.SIGCHLD
    before = signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave_signals_to_the_parent() -> None:
    """In a child: ignore Ctrl-C, which a terminal sends to all; the parent ends us with SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # a child inherits signals_blocked()'s mask


def linger(connection: socket.socket) -> None:
    """Do the waiting half of a lingering close, so the last words arrive; the caller closes.

    Closing a socket with unread bytes resets the connection, and a reset discards what the peer
    has not read yet (RFC 1122, 4.2.2.13). So shut down our side, then read and discard until the
    peer closes, for at most LINGER seconds.
    """
    end = time.monotonic() + LINGER
    connection.settimeout(LINGER)
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        while time.monotonic() < end and connection.recv(65_536):
            pass


class LingeringClose:
    """Mixin for a socketserver handler: a lingering close; a reset or a timeout is no error.

    A handler's `timeout` is how many seconds it waits for the client's next bytes, or for room in
    the send buffer when the client does not read.
    """

    def handle(self):
        with contextlib.suppress(ConnectionError, TimeoutError):
            super().handle()

    def finish(self):
        with contextlib.suppress(ConnectionError, TimeoutError):
            super().finish()
        linger(self.connection)


class RequestInTime:
    """Mixin for an HTTP handler: the whole request must arrive within `timeout` seconds.

    The socket's own timeout restarts with each byte: a client that sends one now and then would
    hold its thread forever. For protocols with one request per connection, such as HTTP/1.0.
    """

    def setup(self):
        super().setup()
        self.rfile.close()
        self.rfile = io.BufferedReader(_Until(self.connection, self.timeout))


class _Until(io.RawIOBase):
    """A connection as a raw stream; reading raises TimeoutError once the time is up."""

    def __init__(self, connection, seconds):
        self.connection, self.seconds = connection, seconds
        self.end = time.monotonic() + seconds

    def readable(self):
        return True

    def readinto(self, buffer):
        self.connection.settimeout(max(0.001, self.end - time.monotonic()))
        try:
            return self.connection.recv_into(buffer)
        finally:
            self.connection.settimeout(self.seconds)  # for writing
