"""Connections and bytes: the methods of socket.socket and of ssl.SSLSocket, and the functions of os on a socket's descriptor.

`receiving` and `sending` add to the cost of every line that a server answers, so they have the recorder's code inlined.
"""

import _socket
import atexit
import io
import os
import socket
import sys
from _operator import index
from _weakref import ref

from servers.runtime.event_kinds import ACCEPT, CLOSE, CONNECT, HANDSHAKE, RECEIVE, SEND, SHUTDOWN
from servers.runtime.probe.addresses import INTERNET
from servers.runtime.probe.recorder import (
    NOBODY,
    encode,
    failed,
    has_ended,
    hidden,
    hide,
    mine,
    note,
    now,
    number_of,
    peers,
    replace,
    stands_for,
    write,
)

plain = _socket.socket  # the C class below socket.socket
family, fileno, gettimeout, getpeername = plain.family.__get__, plain.fileno, plain.gettimeout, plain.getpeername

_lives = {}  # descriptor -> the _Life of its socket
_loose = {}  # descriptor of a connection without a socket object -> (identity of the open file, if known; encoded address of the peer)
_copied = set()  # encoded peers of connections that have had more than one descriptor here
_handed_on = set()  # those passed to another process by SCM_RIGHTS, unix(7): closing them here does not end them


class _Life(ref):
    """A weak reference to a connection's socket; notices when one is garbage-collected without having been closed."""

    __slots__ = ("descriptor",)


def _collected(life):
    if _lives.get(life.descriptor) is life:
        peer = _forget(life.descriptor)
        if not has_ended():
            _note_close(0, life.descriptor, peer)


def _know(sock, descriptor, peer):
    if descriptor in _loose and _loose[descriptor][1] != peer:
        _closed_unseen(descriptor)
    peers[descriptor] = peer
    life = _lives[descriptor] = _Life(sock, _collected)
    life.descriptor = descriptor


def _forget(descriptor):
    _lives.pop(descriptor, None)
    _loose.pop(descriptor, None)
    return peers.pop(descriptor, NOBODY)


def _note_close(start, descriptor, peer):
    """Record a close, unless the connection has another descriptor left."""
    if (_copied or _handed_on) and _goes_on(peer):
        return
    write(mine.me, CLOSE, start or now(), descriptor, peer)


def _goes_on(peer):
    """Whether a connection has another descriptor here, or was passed to another process."""
    if peer in _copied:
        if any(peer_at(other) == peer for other in [*peers, *_loose]):
            return True
        _copied.discard(peer)
    return peer in _handed_on


def file_at(descriptor: int) -> tuple[int, int] | None:
    """Identify an open file by device and inode; None if the descriptor is not open."""
    try:
        found = os.fstat(descriptor)
    except (OSError, TypeError):
        return None
    return found.st_dev, found.st_ino


def _let_loose(descriptor, peer):
    """Remember a connection's descriptor that the script now holds without a socket object."""
    if peer is not NOBODY:
        _loose[descriptor] = file_at(descriptor), peer


def peer_at(descriptor: int) -> bytes | None:
    """Return the encoded peer of a descriptor, with or without a socket object; None if it is not a connection's."""
    try:
        if (peer := peers.get(descriptor)) is not None or descriptor not in _loose:
            return peer
    except TypeError:  # unhashable, so not a descriptor
        return None
    file, peer = _loose[descriptor]
    if file is None:
        _let_loose(descriptor, peer)
        return peer
    if file_at(descriptor) == file:
        return peer
    _closed_unseen(descriptor)
    return None


def _closed_unseen(descriptor):
    """Record that C code has closed a connection's descriptor, as a file's close() does: its number is in use again."""
    if found := _loose.pop(descriptor, None):
        _note_close(0, descriptor, found[1])


def peer_of(sock) -> bytes:
    """Return the encoded peer of a socket; NOBODY if it has none yet or is not a socket."""
    try:
        descriptor = fileno(sock)
        known = peers.get(descriptor)
        if known is None:
            known = encode(getpeername(sock), family(sock))
            _know(sock, descriptor, known)
        return known
    except (OSError, TypeError):
        return NOBODY


def _size(data):
    try:
        return len(data) if isinstance(data, bytes) else memoryview(data).nbytes
    except TypeError:
        return 0


# ---------------------------------------------------------------- bytes


def _only_looks(arguments, options, at):
    """Whether a call was made with MSG_PEEK: the bytes will be received again, and count then (recv(2))."""
    flags = arguments[at] if len(arguments) > at else options.get("flags", 0)
    return index(flags) & socket.MSG_PEEK


def receiving(original, count=len, flags_at=2):
    """Return a method that receives from a connection; `count` gives the bytes in its result, `flags_at` the position of its flags."""

    @stands_for(original)
    def method(*arguments, **options):
        me, start = mine.me, now()
        try:
            sock = arguments[0]
            may_wait = gettimeout(sock) != 0
            peer = peers[fileno(sock)]
        except KeyError:
            peer = peer_of(sock)
        except (IndexError, TypeError):  # wrong arguments: the original's error is better
            may_wait, peer = False, NOBODY
        if may_wait:  # then it shows while it waits
            if me.receives_from is not peer:
                me.receive_from(peer)
            me.calls[RECEIVE] = start
        try:
            received = original(*arguments, **options)
        except BaseException as error:
            me.calls[RECEIVE] = 0
            failed(me, RECEIVE, start, peer, error)
            raise
        me.calls[RECEIVE] = 0
        if (len(arguments) > flags_at or options) and _only_looks(arguments, options, flags_at):
            return received
        write(me, RECEIVE, start, count(received), peer)
        return received

    return method


def receiving_from(original, count, address_at, flags_at=3):
    """Return a method that receives a datagram and its sender."""

    @stands_for(original)
    def method(*arguments, **options):
        me, start = mine.me, now()
        try:
            if gettimeout(arguments[0]) != 0:
                if me.receives_from is not NOBODY:
                    me.receive_from(NOBODY)
                me.calls[RECEIVE] = start
        except (IndexError, TypeError):
            pass
        try:
            received = original(*arguments, **options)
        except BaseException as error:
            me.calls[RECEIVE] = 0
            failed(me, RECEIVE, start, peer_of(arguments[0]) if arguments else NOBODY, error)
            raise
        me.calls[RECEIVE] = 0
        if _only_looks(arguments, options, flags_at):
            return received
        address = received[address_at]
        peer = encode(address, family(arguments[0])) if address else peer_of(arguments[0])
        write(me, RECEIVE, start, count(received[0]), peer)
        return received

    return method


def sending(original, receiver=None):
    """Return a method that sends; `receiver` finds the address among its arguments."""

    @stands_for(original)
    def method(*arguments, **options):
        me, start = mine.me, now()
        try:
            sock = arguments[0]
            may_wait = gettimeout(sock) != 0
            address = receiver and receiver(arguments)
            peer = encode(address, family(sock)) if address else peers[fileno(sock)]
        except KeyError:
            peer = peer_of(sock)
        except (IndexError, TypeError):
            may_wait, peer = False, NOBODY
        if may_wait:
            if me.sends_to is not peer:
                me.send_to(peer)
            me.calls[SEND] = start
        try:
            sent = original(*arguments, **options)
        except BaseException as error:
            me.calls[SEND] = 0
            failed(me, SEND, start, peer, error)
            raise
        me.calls[SEND] = 0
        write(me, SEND, start, _size(arguments[1]) if sent is None else sent, peer)  # sendall() sends all or raises
        return sent

    return method


def _last(arguments):
    return arguments[-1] if len(arguments) > 2 else None


def _fifth(arguments):
    return arguments[4] if len(arguments) > 4 else None


def _handing_on(method):
    """Return a sendmsg() that notices descriptors passed to another process, as by socket.send_fds() and multiprocessing."""

    @stands_for(plain.sendmsg)
    def sendmsg(*arguments, **options):
        with hidden:
            sent = method(*arguments, **options)
        if len(arguments) > 2:
            try:
                rights = [data for level, kind, data in arguments[2] if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS)]
                descriptors = [fd for data in rights for fd in memoryview(data).cast("B").cast("i")]
                _handed_on.update(_connections_among(descriptors).values())
            except (TypeError, ValueError):  # a generator, say, already exhausted
                pass
        return sent

    return sendmsg


def _watch_bytes():
    cls = socket.socket
    cls.recv, cls.recv_into = receiving(plain.recv), receiving(plain.recv_into, int, flags_at=3)
    cls.recvfrom = receiving_from(plain.recvfrom, len, 1, flags_at=2)
    cls.recvfrom_into = receiving_from(plain.recvfrom_into, int, 1)
    cls.send, cls.sendall = sending(plain.send), sending(plain.sendall)
    cls.sendto = sending(plain.sendto, _last)
    if hasattr(plain, "recvmsg"):
        cls.recvmsg = receiving_from(plain.recvmsg, len, 3)
        cls.recvmsg_into = receiving_from(plain.recvmsg_into, int, 3)
        cls.sendmsg = _handing_on(sending(plain.sendmsg, _fifth))


# ---------------------------------------------------------------- connections


def _watch_connections():
    cls = socket.socket
    plain_accept, plain_close, plain_detach = cls.accept, cls._real_close, cls.detach

    @stands_for(plain._accept)
    def _accept(*arguments, **options):
        """Called by accept(), and directly by a class whose connections are objects of its own."""
        me, start, its_family = mine.me, now(), None
        try:
            its_family = family(arguments[0])
            if gettimeout(arguments[0]) != 0 and its_family in INTERNET:
                me.calls[ACCEPT] = start
        except (IndexError, TypeError):
            pass
        try:
            descriptor, address = accepted = plain._accept(*arguments, **options)
        except BaseException as error:
            me.calls[ACCEPT] = 0
            if its_family in INTERNET:
                failed(me, ACCEPT, start, NOBODY, error)
            else:
                hide(error)
            raise
        me.calls[ACCEPT] = 0
        if its_family not in INTERNET:  # a Unix socket's peer is not a client
            return accepted
        peer = encode(address, its_family)
        if me.accepted is not None:  # called directly, not by accept(): the script has the descriptor
            _loose[descriptor] = None, peer
        me.accepted = peer
        write(me, ACCEPT, start, descriptor, peer)
        return accepted

    @stands_for(plain_accept)
    def accept(*arguments, **options):
        me = mine.me
        me.accepted = None
        try:
            connection, address = accepted = plain_accept(*arguments, **options)
        except BaseException as error:
            me.accepted = NOBODY
            hide(error)
            raise
        if _handed_on:
            _handed_on.discard(me.accepted)
        _know(connection, fileno(connection), me.accepted or encode(address, family(arguments[0])))  # the class has its own _accept()
        return accepted

    def connecting(original):
        @stands_for(original)
        def method(*arguments, **options):
            start, number = now(), 0
            if arguments and isinstance(arguments[0], plain):
                _forget(fileno(arguments[0]))
            try:
                number = original(*arguments, **options) or 0  # connect_ex() returns the errno
            except BaseException as error:
                hide(error)
                number = number_of(error) if isinstance(error, OSError) else None
                raise
            finally:
                if number is not None and len(arguments) == 2:
                    note(CONNECT, start, -number, encode(arguments[1], family(arguments[0])))
            return None if original is plain.connect else number

        return method

    @stands_for(plain.shutdown)
    def shutdown(*arguments, **options):
        start = now()
        with hidden:
            plain.shutdown(*arguments, **options)
        note(SHUTDOWN, start, 0, peer_of(arguments[0]))

    def closing(original, notes):
        """Return a replacement for a socket's close or detach: after either, it has no descriptor."""

        @stands_for(original)
        def method(*arguments, **options):
            start = now()
            descriptor = fileno(arguments[0]) if arguments and isinstance(arguments[0], plain) else -1
            if descriptor >= 0:
                if (peer := peers.get(descriptor)) is None:
                    peer = peer_of(arguments[0])
                _forget(descriptor)
            with hidden:
                result = original(*arguments, **options)
            if descriptor >= 0 and notes:
                _note_close(start, descriptor, peer)
            elif descriptor >= 0:
                _let_loose(descriptor, peer)
            return result

        return method

    cls._accept, cls.accept, cls.shutdown = _accept, accept, shutdown
    cls.connect, cls.connect_ex = connecting(plain.connect), connecting(plain.connect_ex)
    cls._real_close, cls.detach = closing(plain_close, True), closing(plain_detach, False)


# ---------------------------------------------------------------- TLS


def _watch_tls(cls):
    """Watch ssl.SSLSocket, whose descriptor is read and written by OpenSSL itself."""

    def encrypted(original, watched):
        @stands_for(original, "ssl")
        def method(*arguments, **options):
            method = original if getattr(arguments and arguments[0], "_sslobj", None) is None else watched
            try:  # before TLS, the original calls the plain methods, which are watched anyway
                return method(*arguments, **options)
            except BaseException as error:
                hide(error)
                raise

        return method

    def shaking_hands(original):
        def method(*arguments, **options):
            me, start, peer = mine.me, now(), peer_of(arguments[0])
            if gettimeout(arguments[0]) != 0:
                me.receive_from(peer)
                me.calls[HANDSHAKE] = start
            try:
                result = original(*arguments, **options)
            except BaseException as error:
                me.calls[HANDSHAKE] = 0
                failed(me, HANDSHAKE, start, peer, error)
                raise
            me.calls[HANDSHAKE] = 0
            write(me, HANDSHAKE, start, 0, peer)
            return result

        return method

    def count(received):
        return received if isinstance(received, int) else len(received)

    for name, watched in {
        "read": receiving(cls.read, count, flags_at=9),  # it takes no flags
        "send": sending(cls.send),
        "write": sending(cls.write),
        "do_handshake": shaking_hands(cls.do_handshake),
        "unwrap": shaking_hands(cls.unwrap),
    }.items():
        setattr(cls, name, encrypted(getattr(cls, name), watched))


def _watch_subclasses():
    """Watch ssl.SSLSocket when the class is created: ssl is slow to import, and most servers do without it."""

    def __init_subclass__(cls, **options):
        with hidden:
            super(socket.socket, cls).__init_subclass__(**options)
        if cls.__module__ == "ssl" and cls.__name__ == "SSLSocket":
            _watch_tls(cls)

    socket.socket.__init_subclass__ = classmethod(__init_subclass__)


# ---------------------------------------------------------------- functions of os on a descriptor


def _first(arguments, options):
    return arguments[0] if arguments else options.get("out_fd")


def _of_descriptor(kind, count, descriptor_of=_first):
    """Return a maker of a replacement for a function that reads or writes a descriptor; recorded if that is a connection's."""

    def make(original):
        def call(*arguments, **options):
            peer = peer_at(descriptor_of(arguments, options))
            me, start = mine.me, now()
            if peer is not None:
                (me.receive_from if kind == RECEIVE else me.send_to)(peer)
                me.calls[kind] = start
            try:
                result = original(*arguments, **options)
            except BaseException as error:
                if peer is None:
                    hide(error)
                else:
                    me.calls[kind] = 0
                    failed(me, kind, start, peer, error)
                raise
            if peer is not None:
                me.calls[kind] = 0
                # A file's method returns None if it would block; sendfile() returns 0 at the end of its file.
                if result is not None and (result != 0 or kind == RECEIVE):
                    write(me, kind, start, count(result), peer)
            return result

        return call

    return make


def _connections_among(descriptors):
    """Return {descriptor: encoded peer} of those descriptors that are a connection's."""
    return {descriptor: peer for descriptor in descriptors if (peer := peer_at(descriptor)) is not None}


def _closing_descriptors(descriptors):
    """Return a maker of a replacement for a function that closes descriptors; `descriptors` derives them from its arguments."""

    def make(original):
        def call(*arguments, **options):
            start = now()
            try:
                closed = _connections_among(descriptors(*arguments, **options))
            except TypeError:  # wrong arguments
                closed = {}
            with hidden:
                result = original(*arguments, **options)
            for descriptor, peer in closed.items():
                _forget(descriptor)
                _note_close(start, descriptor, peer)
            return result

        return call

    return make


def _copying(original):
    """Return a replacement for dup or dup2: the copy has the original's peer, and a descriptor that it replaces is closed."""

    def call(*arguments, **options):
        with hidden:
            result = original(*arguments, **options)
        source = arguments[0] if arguments else options["fd"]
        if source != result:
            _forget(result)
            if peer := peer_at(source):
                _let_loose(result, peer)
                _copied.add(peer)
        return result

    return call


def _descriptor_of_file(arguments, options=None):
    return arguments[0].fileno() if arguments and not arguments[0].closed else -1


class _File(io.FileIO):
    """The raw file under one made by os.fdopen() on a connection; its reads and writes are recorded."""


_File.__name__, _File.__qualname__, _File.__module__ = "FileIO", "FileIO", "_io"


def _watch_files():
    for name, kind, count in ("readinto", RECEIVE, int), ("read", RECEIVE, len), ("readall", RECEIVE, len), ("write", SEND, int):
        original = getattr(io.FileIO, name)
        setattr(_File, name, stands_for(original, "_io")(_of_descriptor(kind, count, _descriptor_of_file)(original)))
    closing = _closing_descriptors(lambda *file: (_descriptor_of_file(file),) if file[0].closefd else ())
    _File.close = stands_for(io.FileIO.close, "_io")(closing(io.FileIO.close))
    plain_fdopen = os.fdopen

    @stands_for(plain_fdopen, "os")
    def fdopen(fd, mode="r", buffering=-1, encoding=None, *args, **kwargs):
        with hidden:
            if isinstance(fd, int) and peer_at(fd) is not None:
                try:
                    return _file_on(plain_fdopen, fd, mode, buffering, encoding, *args, **kwargs)
                except (TypeError, ValueError, OSError):  # the original's error is better
                    pass
            return plain_fdopen(fd, mode, buffering, encoding, *args, **kwargs)

    os.fdopen = fdopen


def _file_on(make, fd, mode, buffering, encoding, errors=None, newline=None, closefd=True):
    """Return the file that `make` would return, on top of a watched raw file."""
    shape = make(fd, mode, buffering, encoding, errors, newline, False)
    inner = getattr(shape, "buffer", shape)
    raw = _File(fd, getattr(inner, "raw", inner).mode, closefd)
    if isinstance(inner, io.RawIOBase):
        return raw
    usual = os.fstat(fd).st_blksize
    if sys.version_info >= (3, 14):
        usual = max(usual, io.DEFAULT_BUFFER_SIZE)
    file = type(inner)(raw, buffering if buffering > 1 else usual)
    if inner is not shape:
        file = io.TextIOWrapper(file, shape.encoding, shape.errors, newline, shape.line_buffering)
        file.mode = mode
    return file


def watch_standard_files() -> None:
    """Watch the standard files of a program that got a connection as its standard input and output, as from inetd or CGI."""
    for descriptor, file in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        if file and (peer := _peer_in_the_system(descriptor)):
            if peer in [other for _, other in _loose.values()]:
                _copied.add(peer)
            _let_loose(descriptor, peer)
            _put_below(file, descriptor)
            atexit.register(_flush, file)  # or Python flushes only after the exit has been recorded


def has_inherited_one() -> bool:
    """Whether this program, which has just started, got a connection; True if the system cannot tell."""
    try:
        return any(_peer_in_the_system(int(name)) for name in os.listdir("/dev/fd"))
    except OSError:
        return True


def _flush(file):
    try:
        file.flush()
    except (OSError, ValueError):  # Python tries again and reports it
        pass


def _peer_in_the_system(descriptor):
    """Ask the system for the encoded peer of a descriptor unknown to the probe; None if it is not a connection's."""
    try:
        sock = plain(fileno=descriptor)
    except OSError:
        return None
    try:
        return encode(getpeername(sock), family(sock)) if family(sock) in INTERNET else None
    except OSError:  # it listens
        return None
    finally:
        sock.detach()


def _put_below(file, descriptor):
    """Put a watched raw file under a standard file, which stays the same object."""
    buffer = file.buffer
    raw = _File(descriptor, getattr(buffer, "raw", buffer).mode, closefd=False)
    raw.name = file.name
    if isinstance(buffer, io.RawIOBase):  # python -u
        file.__init__(raw, file.encoding, file.errors, "\n", file.line_buffering, True)
    else:
        buffer.__init__(raw, os.fstat(descriptor).st_blksize)


def before_exec() -> bool:
    """Record the close of each connection that the next program does not inherit: an exec is about to replace this one.

    Return whether it inherits any.
    """
    inherits = False
    for descriptor, peer in _connections_among([*peers, *_loose]).items():
        if _is_inherited(descriptor):
            inherits |= peer is not NOBODY
        else:
            _forget(descriptor)
            _note_close(0, descriptor, peer)
    return inherits


def _is_inherited(descriptor):
    try:
        return os.get_inheritable(descriptor)
    except OSError:
        return False


def _watch_descriptors():
    replace(os, "read", _of_descriptor(RECEIVE, len))
    replace(os, "readv", _of_descriptor(RECEIVE, int))
    replace(os, "write", _of_descriptor(SEND, int))
    replace(os, "writev", _of_descriptor(SEND, int))
    replace(os, "sendfile", _of_descriptor(SEND, int))
    replace(os, "close", _closing_descriptors(lambda fd: (fd,)))
    replace(os, "closerange", _closing_descriptors(lambda low, high: [fd for fd in [*peers, *_loose] if low <= fd < high]))
    replace(os, "dup", _copying)
    replace(os, "dup2", _copying)
    replace(_socket, "close", _closing_descriptors(lambda fd: (fd,)))
    replace(_socket, "dup", _copying)
    socket.close, socket.dup = _socket.close, _socket.dup
    _watch_files()


def watch() -> None:
    """Record connections and the bytes that pass through them."""
    _watch_connections()
    _watch_bytes()
    _watch_subclasses()
    _watch_descriptors()
