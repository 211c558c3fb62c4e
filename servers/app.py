"""The one application that every model serves, and the plumbing that they share.

Lines in, lines out, so that `nc` is a client too. A line is answered by the same line. Four commands do what a lesson needs:

    sleep 0.5    waits half a second, then answers        (work that waits: I/O-bound)
    burn 0.2     computes for 0.2 s of CPU time, then answers    (work that computes: CPU-bound)
    who          tells the process and the thread that answered
    count        tells how often this process was asked to count

The ladder, from the top: a model decides who calls `converse`, and when; `converse` answers a connection's lines until its peer
leaves; `answer` answers one line and knows no socket. `answer_datagram` is the same for UDP. A model that may not wait for one
client has a `Conversation` for each instead: pieces in, answers out, no socket in it.
"""

import argparse
import contextlib
import errno
import itertools
import os
import signal
import socket
import sys
import threading
import time

LINE_LIMIT = 65_536  # bytes in a line, its newline not counted
DATAGRAM_LIMIT = 65_507  # bytes in a UDP datagram over IPv4: 65,535 less 8 of UDP header and 20 of IP header (RFC 768, RFC 791)
LONGEST_WORK = 60  # seconds that one `sleep` or `burn` may take

counted = 0  # how often `count` was asked: shared by the threads of a process, copied by a fork


# ---------------------------------------------------------------- the application


def answer(line):
    """Answer one line (bytes, without its newline) with one line."""
    match line.split():
        case [b"sleep" | b"burn" as work, amount]:
            return do(work, amount) or line
        case [b"who"]:
            return b"process %d thread %d" % (os.getpid(), threading.get_native_id())
        case [b"count"]:
            return count()
    return line


async def answer_async(line):
    """answer() for a coroutine: while it sleeps, the others go on. While it burns, they cannot."""
    match line.split():
        case [b"sleep", amount] if (seconds := seconds_of(amount)) is not None:
            import asyncio  # here, since it doubles the time that a server needs to start

            await asyncio.sleep(seconds)
            return line
    return answer(line)


def do(work, amount):
    """Sleep or burn for `amount` seconds; return nothing, or what is wrong with the amount."""
    seconds = seconds_of(amount)
    if seconds is None:
        return b"error: %b takes 0 to %d seconds, as in: %b 0.5" % (work, LONGEST_WORK, work)
    time.sleep(seconds) if work == b"sleep" else burn(seconds)


def seconds_of(amount):
    """The number of seconds that `amount` says; None for anything but 0 to LONGEST_WORK."""
    try:
        seconds = float(amount)
    except ValueError:
        return None
    return seconds if 0 <= seconds <= LONGEST_WORK else None  # nan fails here too


def burn(seconds):
    """Compute for that much CPU time of this thread: a thread that waits for its turn does not get older meanwhile."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def count():
    global counted
    counted += 1
    return b"%d" % counted


# ---------------------------------------------------------------- a connection: framing, and one conversation


TOO_LONG = b"error: a line may have %d bytes\n" % LINE_LIMIT


class LineTooLong(Exception):
    """The peer sent more than LINE_LIMIT bytes without a newline."""


class Lines:
    """Cuts a stream into lines. TCP keeps no pieces together: a line may come in several, and one piece may hold many lines.

    What has no newline yet waits in `pending`. `too_long` is true once a line had more than LINE_LIMIT bytes.
    """

    def __init__(self):
        self.pending = b""
        self.too_long = False

    def feed(self, piece):
        """Return the lines that this piece completes, up to one that is too long; an empty piece completes the last line."""
        text = self.pending + piece
        lines = text.split(b"\n")
        self.pending = lines.pop() if piece or lines == [b""] else b""
        if len(text) > LINE_LIMIT:
            return self.up_to_the_limit(lines)
        return lines

    def up_to_the_limit(self, lines):
        short = list(itertools.takewhile(lambda line: len(line) <= LINE_LIMIT, lines))
        self.too_long = len(short) < len(lines) or len(self.pending) > LINE_LIMIT
        return short


def lines(receive):
    """Yield line after line from `receive(size)`, until it returns nothing. Raises LineTooLong."""
    stream, piece = Lines(), True
    while piece:
        piece = receive(4096)
        yield from stream.feed(piece)
        if stream.too_long:
            raise LineTooLong


def converse(connection, receive=None, send=None):
    """Answer every line of this connection until its peer leaves. The caller closes the connection.

    `receive` and `send` are the connection's own `recv` and `sendall`, unless a handler has files for them. A peer that
    resets the connection has left too: that is no error of the server's.
    """
    receive, send = receive or connection.recv, send or connection.sendall
    try:
        for line in lines(receive):
            send(answer(line) + b"\n")
    except LineTooLong:
        refuse(connection, TOO_LONG)
    except ConnectionError:
        pass


class Conversation:
    """The same without a socket, for a server that reads from many clients in turn: pieces in, answers out.

    `over` is true when nothing more will be answered: the client has finished, or has sent a line that is too long.
    """

    def __init__(self):
        self.lines = Lines()
        self.over = False

    def hear(self, piece):
        """Return the answers to the lines that this piece completes; an empty piece says that the client has finished."""
        if self.over:
            return b""
        answers = [answer(line) + b"\n" for line in self.lines.feed(piece)]
        if self.lines.too_long:
            answers.append(TOO_LONG)
        self.over = self.lines.too_long or not piece
        return b"".join(answers)


def refuse(connection, reason):
    """Say why, and hang up so that the words arrive."""
    connection.settimeout(1)
    with contextlib.suppress(OSError):
        connection.sendall(reason)
    hang_up(connection)


def hang_up(connection):
    """End a connection so that the last words arrive. The caller closes it.

    A close with bytes still unread resets the connection, and a reset destroys what the peer has not read yet (RFC 1122,
    4.2.2.13). So: no more from us, then read on for a second, or until the peer has left.
    """
    end = time.monotonic() + 1
    connection.settimeout(1)
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        while time.monotonic() < end and connection.recv(65_536):
            pass


class Farewell:
    """Mixed into a handler of socketserver's: a client that breaks off is no error, and the last words arrive."""

    def handle(self):
        with contextlib.suppress(ConnectionError):
            super().handle()

    def finish(self):
        with contextlib.suppress(ConnectionError):
            super().finish()
        hang_up(self.connection)


# ---------------------------------------------------------------- a datagram


def answer_datagram(data):
    """Answer all lines of one datagram with one datagram; it ends in a newline if the question did."""
    answers = b"\n".join(answer(line) for line in data.split(b"\n"))
    return answers if len(answers) <= DATAGRAM_LIMIT else b"error: the answers do not fit into one datagram\n"


def reply(sock, data, peer):
    """Send a datagram; one that cannot go out is lost, as any datagram may be, and the server lives on."""
    try:
        sock.sendto(data, peer)
    except OSError as error:
        print(f"a datagram of {len(data)} bytes could not go out: {error}", file=sys.stderr)


# ---------------------------------------------------------------- starting from the command line


def arguments(description):
    """The options that every model takes; port 0 lets the kernel pick a free one."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (127.0.0.1)")
    parser.add_argument("--port", type=number(0, 65_535), default=0, help="port to bind (0: the kernel picks a free one)")
    parser.add_argument("--backlog", type=number(0), default=128, help="connections that may wait to be accepted (128)")
    return parser


def number(least, most=2**31 - 1):
    """The type of an option that takes a whole number between these two; a C int holds no larger one than 2**31 - 1."""

    def checked(text):
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text} is no whole number from {least} to {most}")
        return int(text)

    return checked


def tcp_listener(options, reuse_port=False):
    """A bound, listening TCP socket. SO_REUSEADDR: bind although the last run's connections are in TIME_WAIT.

    reuse_port: other listeners that say so too may share the port (SO_REUSEPORT, socket(7)).
    """
    allow_descriptors()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if reuse_port:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((options.host, options.port))
    listener.listen(options.backlog)
    return listener


def allow_descriptors(most=None):
    """Let this process hold `most` descriptors, or as many as it may: the usual soft limit is 1,024 (getrlimit(2)).

    Returns how many it may hold now.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return most
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for number in most or hard, 10_240:  # macOS refuses more than that, whatever its hard limit says
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
            return number
    return soft


@contextlib.contextmanager
def undisturbed():
    """Signals wait until this block is over: Ctrl-C in the middle of a fork would leave a child that nobody knows of."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave_signals_to_the_parent():
    """In a child: Ctrl-C, which a terminal sends to the children too, is for the parent. It ends us by SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # a fork in undisturbed() has passed its blocked signals on


def need(there, what):
    """End the program, in plain words, where this system lacks what the model stands on."""
    if not there:
        sys.exit(f"This model needs {what}")


def udp_socket(options):
    """A bound UDP socket: there is nothing to listen for and nobody to accept."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((options.host, options.port))
    return sock


def run(serve, description, make=tcp_listener, **more):
    """What `python -m servers.MODEL` does: make the socket, say where it is, serve until Ctrl-C.

    `more` are options of the model's own, with their defaults; of several choices the first is the default.
    """
    parser = arguments(description)
    for name, default in more.items():
        choices = default if isinstance(default, tuple) else None
        default = choices[0] if choices else default
        kind = number(1) if isinstance(default, int) else None
        parser.add_argument(f"--{name}", type=kind, choices=choices, default=default, help=f"({default})")
    options = parser.parse_args()
    until_interrupted(make_and_serve, make, options, serve, [getattr(options, name) for name in more])


def make_and_serve(make, options, serve, more):
    with make(options) as sock:
        announce(sock)
        serve(sock, *more)


def run_socketserver(serve, description, servers, handlers):
    """The same for socketserver: --server and --handler choose among the classes, by name; the first is the default."""
    servers = {server.__name__: server for server in servers if server}  # Windows has no fork, so no Forking classes
    handlers = {handler.__name__: handler for handler in handlers}
    parser = arguments(description)
    parser.add_argument("--server", choices=servers, default=next(iter(servers)))
    parser.add_argument("--handler", choices=handlers, default=next(iter(handlers)))
    options = parser.parse_args()
    until_interrupted(serve, servers[options.server], handlers[options.handler], options)


def announce(sock):
    print("%s:%d is ready; Ctrl-C ends it" % sock.getsockname()[:2], flush=True)


CANNOT_BIND = {  # bind(2)
    errno.EADDRINUSE: "another program has this port, or had it a moment ago. End it, wait, or take another port (0: the kernel picks one)",
    errno.EADDRNOTAVAIL: "no network card of this machine has this address. Take 127.0.0.1",
    errno.EACCES: "only the administrator may take a port below 1024. Take a higher one",
    socket.EAI_NONAME: "there is no such host. Take 127.0.0.1",
}


def until_interrupted(serve, *arguments):
    """Serve until Ctrl-C. An address that cannot be bound ends the program in plain words."""
    try:
        serve(*arguments)
    except KeyboardInterrupt:
        print("ended by Ctrl-C")
    except OSError as error:
        if error.errno not in CANNOT_BIND or error.filename:
            raise
        sys.exit(f"It cannot listen there ({error.strerror}): {CANNOT_BIND[error.errno]}.")
