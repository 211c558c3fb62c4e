"""Listeners, the limit on descriptors, signals around fork(), and the lingering close.

A model makes its socket here. Whatever has to do with the system, and not with what clients say,
is here too. `options` is anything that has a host, a port and a backlog, as main.parser() gives it.
"""

import contextlib
import io
import signal
import socket
import sys
import time

BACKLOG = 128  # connections that may wait to be accepted, unless --backlog says otherwise
LINGER = 1  # seconds that a lingering close waits for the peer's end


def tcp_listener(options, reuse_port: bool = False) -> socket.socket:
    """Return a bound, listening TCP socket. Raises OSError when the address cannot be bound.

    SO_REUSEADDR: bind even if connections of the last run are still in TIME_WAIT (socket(7)).
    TCP_NODELAY: an answer leaves at once, though the one before is not acknowledged yet (tcp(7));
    the sockets that accept() returns inherit it.
    reuse_port: share the port with other listeners that say so too (SO_REUSEPORT, socket(7)).
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

    Raises OSError when the address cannot be bound.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind((options.host, options.port))
    except OSError:
        sock.close()
        raise
    return sock


def send_datagram(sock: socket.socket, data: bytes, peer: tuple) -> None:
    """Send a datagram. One that cannot go out is lost, as any may be; the server goes on."""
    try:
        sock.sendto(data, peer)
    except OSError as error:
        print(f"could not send a datagram of {len(data)} bytes: {error}", file=sys.stderr)


def allow_descriptors(most: int | None = None) -> int | None:
    """Let this process open `most` descriptors, or as many as the system allows (getrlimit(2)).

    The usual soft limit is 1,024. Returns the limit that holds now.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return most
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for number in most or hard, 10_240:  # macOS allows no more than that, whatever its hard limit
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
            return number
    return soft


@contextlib.contextmanager
def signals_blocked():
    """Signals are delivered after this block: Ctrl-C during a fork would leave an unknown child."""
    blocked = signal.SIGINT, signal.SIGTERM, signal.SIGCHLD
    before = signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave_signals_to_the_parent() -> None:
    """In a child: ignore Ctrl-C, which a terminal sends to all; the parent ends us by SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # a child inherits what signals_blocked() blocks


def linger(connection: socket.socket) -> None:
    """The waiting half of a lingering close; the caller closes. Makes the last words arrive.

    Closing with unread bytes resets the connection, and a reset destroys what the peer has not
    read yet (RFC 1122, 4.2.2.13). So: send our end, then read and drop until the peer's end comes,
    for LINGER seconds at most.
    """
    end = time.monotonic() + LINGER
    connection.settimeout(LINGER)
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        while time.monotonic() < end and connection.recv(65_536):
            pass


class LingeringClose:
    """Mix into a socketserver handler: it closes lingering; a reset or a silence is no error.

    A handler's `timeout` is how many seconds it waits for its client's next bytes, or for room in
    the send buffer of a client that does not read.
    """

    def handle(self):
        with contextlib.suppress(ConnectionError, TimeoutError):
            super().handle()

    def finish(self):
        with contextlib.suppress(ConnectionError, TimeoutError):
            super().finish()
        linger(self.connection)


class RequestInTime:
    """Mix into an HTTP handler: the whole request has to come within `timeout` seconds.

    The socket's own timeout begins anew with each byte: a client that sends one now and then would
    hold its thread for ever. For protocols with one request for each connection, as HTTP/1.0.
    """

    def setup(self):
        super().setup()
        self.rfile.close()
        self.rfile = io.BufferedReader(_Until(self.connection, self.timeout))


class _Until(io.RawIOBase):
    """What comes from a connection until the time is up; then reading raises TimeoutError."""

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
            self.connection.settimeout(self.seconds)  # for whoever writes
