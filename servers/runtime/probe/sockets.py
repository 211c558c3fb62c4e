"""Connections and bytes: the methods of socket.socket and of ssl.SSLSocket, and what os does with a socket's descriptor.

Each line that a server answers pays for `receiving` and `sending`: so what they need of the recorder stands in them.
"""

import _socket
import os
import socket
from _operator import index
from _weakref import ref

from servers.runtime.event_kinds import ACCEPT, CLOSE, CONNECT, HANDSHAKE, RECEIVE, SEND, SHUTDOWN
from servers.runtime.probe.recorder import (
    NOBODY,
    encode,
    failed,
    has_ended,
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

plain = _socket.socket  # the C methods below socket.socket
family, fileno, gettimeout, getpeername = plain.family.__get__, plain.fileno, plain.gettimeout, plain.getpeername

_lives = {}  # descriptor -> the _Life of the socket that has it
_loose = {}  # descriptor of a connection that no socket object has -> (which file that is, encoded address of the peer)


class _Life(ref):
    """A weak reference to a connection's socket: tells when the collector takes one that nobody has closed."""

    __slots__ = ("descriptor",)


def _collected(life):
    if _lives.get(life.descriptor) is life:
        peer = _forget(life.descriptor)
        if not has_ended():
            note(CLOSE, 0, life.descriptor, peer)


def _know(sock, descriptor, peer):
    peers[descriptor] = peer
    life = _lives[descriptor] = _Life(sock, _collected)
    life.descriptor = descriptor


def _forget(descriptor):
    _lives.pop(descriptor, None)
    _loose.pop(descriptor, None)
    return peers.pop(descriptor, NOBODY)


def _file_at(descriptor):
    """What tells one open file from another; None where there is none."""
    try:
        found = os.fstat(descriptor)
    except (OSError, TypeError):
        return None
    return found.st_dev, found.st_ino


def _let_loose(descriptor, peer):
    """From now on the script itself has the descriptor of this connection."""
    if peer is not NOBODY:
        _loose[descriptor] = _file_at(descriptor), peer


def _peer_at(descriptor):
    """The encoded peer of a descriptor, whether a socket object has it or not; None where it is no connection's."""
    try:
        if (peer := peers.get(descriptor)) is not None or descriptor not in _loose:
            return peer
    except TypeError:  # unhashable, and no descriptor
        return None
    file, peer = _loose[descriptor]
    if _file_at(descriptor) == file:
        return peer
    _loose.pop(descriptor, None)  # C code has closed it, as a file's close() does, and the number is used again
    return None


def is_connection(descriptor: int) -> bool:
    """Whether this descriptor is a connection's."""
    return _peer_at(descriptor) is not None


def peer_of(sock) -> bytes:
    """The encoded peer of a socket; NOBODY of one that has none yet, and of what is no socket."""
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
    """Whether a call was made with MSG_PEEK: what it has returned will come once more, and counts then (recv(2))."""
    flags = arguments[at] if len(arguments) > at else options.get("flags", 0)
    return index(flags) & socket.MSG_PEEK


def receiving(original, count=len, flags_at=2):
    """A method that takes bytes from a connection; `count` says of what it returned how many, `flags_at` where its flags are."""

    @stands_for(original)
    def method(*arguments, **options):
        me, start = mine.me, now()
        try:
            sock = arguments[0]
            may_wait = gettimeout(sock) != 0
            peer = peers[fileno(sock)]
        except KeyError:
            peer = peer_of(sock)
        except (IndexError, TypeError):  # wrong arguments: the original says it better
            may_wait, peer = False, NOBODY
        if may_wait:  # that shows while it does
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
    """A method that takes a datagram and says who sent it."""

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
    """A method that sends; `receiver` finds an address among its arguments."""

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
        write(me, SEND, start, _size(arguments[1]) if sent is None else sent, peer)  # sendall sends all, or raises
        return sent

    return method


def _last(arguments):
    return arguments[-1] if len(arguments) > 2 else None


def _fifth(arguments):
    return arguments[4] if len(arguments) > 4 else None


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
        cls.sendmsg = sending(plain.sendmsg, _fifth)


# ---------------------------------------------------------------- connections


def _watch_connections():
    cls = socket.socket
    plain_accept, plain_close, plain_detach = cls.accept, cls._real_close, cls.detach

    @stands_for(plain._accept)
    def _accept(*arguments, **options):
        """What accept() calls; a class whose connections are objects of its own calls it, too."""
        me, start = mine.me, now()
        try:
            if gettimeout(arguments[0]) != 0:
                me.calls[ACCEPT] = start
        except (IndexError, TypeError):
            pass
        try:
            descriptor, address = accepted = plain._accept(*arguments, **options)
        except BaseException as error:
            me.calls[ACCEPT] = 0
            failed(me, ACCEPT, start, NOBODY, error)
            raise
        me.calls[ACCEPT] = 0
        me.accepted = encode(address, family(arguments[0]))
        write(me, ACCEPT, start, descriptor, me.accepted)
        return accepted

    @stands_for(plain_accept)
    def accept(*arguments, **options):
        me = mine.me
        me.accepted = None
        try:
            connection, address = accepted = plain_accept(*arguments, **options)
        except BaseException as error:
            hide(error)
            raise
        _know(connection, fileno(connection), me.accepted or encode(address, family(arguments[0])))  # the class has its own _accept()
        return accepted

    def connecting(original):
        @stands_for(original)
        def method(*arguments, **options):
            start, number = now(), 0
            if arguments and isinstance(arguments[0], plain):
                _forget(fileno(arguments[0]))
            try:
                number = original(*arguments, **options) or 0  # connect_ex returns the number
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
        try:
            plain.shutdown(*arguments, **options)
        except BaseException as error:
            hide(error)
            raise
        note(SHUTDOWN, start, 0, peer_of(arguments[0]))

    def closing(original, notes):
        """close and detach of a socket: in either, its descriptor is its own no more."""

        @stands_for(original)
        def method(*arguments, **options):
            start = now()
            descriptor = fileno(arguments[0]) if arguments and isinstance(arguments[0], plain) else -1
            peer = peer_of(arguments[0]) if descriptor >= 0 else NOBODY
            if descriptor >= 0:
                _forget(descriptor)
            try:
                result = original(*arguments, **options)
            except BaseException as error:
                hide(error)
                raise
            if descriptor >= 0 and notes:
                note(CLOSE, start, descriptor, peer)
            elif descriptor >= 0:
                _let_loose(descriptor, peer)
            return result

        return method

    cls._accept, cls.accept, cls.shutdown = _accept, accept, shutdown
    cls.connect, cls.connect_ex = connecting(plain.connect), connecting(plain.connect_ex)
    cls._real_close, cls.detach = closing(plain_close, True), closing(plain_detach, False)


# ---------------------------------------------------------------- TLS


def _watch_tls(cls):
    """ssl.SSLSocket talks to OpenSSL, which reads and writes the descriptor itself."""

    def encrypted(original, watched):
        @stands_for(original, "ssl")
        def method(*arguments, **options):
            method = original if getattr(arguments and arguments[0], "_sslobj", None) is None else watched
            try:  # without TLS yet, the original calls the methods that are watched anyway
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
        "read": receiving(cls.read, count, flags_at=9),  # it has none
        "send": sending(cls.send),
        "write": sending(cls.write),
        "do_handshake": shaking_hands(cls.do_handshake),
        "unwrap": shaking_hands(cls.unwrap),
    }.items():
        setattr(cls, name, encrypted(getattr(cls, name), watched))


def _watch_subclasses():
    """ssl is slow to load, and most servers do without: its class is met when it is made."""

    def __init_subclass__(cls, **options):
        try:
            super(socket.socket, cls).__init_subclass__(**options)
        except TypeError as error:
            hide(error)
            raise
        if cls.__module__ == "ssl" and cls.__name__ == "SSLSocket":
            _watch_tls(cls)

    socket.socket.__init_subclass__ = classmethod(__init_subclass__)


# ---------------------------------------------------------------- what os does with a descriptor


def _of_descriptor(kind, count):
    """A function of os that reads or writes a descriptor; noted where that is a connection's."""

    def make(original):
        def call(*arguments, **options):
            peer = _peer_at(arguments[0] if arguments else options.get("out_fd"))
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
                write(me, kind, start, count(result), peer)
            return result

        return call

    return make


def _connections_among(descriptors):
    """{descriptor: encoded peer} of those that are a connection's."""
    return {descriptor: peer for descriptor in descriptors if (peer := _peer_at(descriptor)) is not None}


def _closing_descriptors(descriptors):
    """A function that closes descriptors; `descriptors` names them, given its arguments."""

    def make(original):
        def call(*arguments, **options):
            start = now()
            try:
                closed = _connections_among(descriptors(*arguments, **options))
            except TypeError:  # wrong arguments
                closed = {}
            try:
                result = original(*arguments, **options)
            except BaseException as error:
                hide(error)
                raise
            for descriptor, peer in closed.items():
                _forget(descriptor)
                note(CLOSE, start, descriptor, peer)
            return result

        return call

    return make


def _copying(original):
    """dup2: the copy has the peer of its original, and what it replaces is closed."""

    def call(*arguments, **options):
        try:
            result = original(*arguments, **options)
        except BaseException as error:
            hide(error)
            raise
        source = arguments[0] if arguments else options["fd"]
        if source != result:
            _forget(result)
            _let_loose(result, _peer_at(source) or NOBODY)
        return result

    return call


def before_exec(path) -> None:
    """Another program is about to take this process's place: sockets that it does not inherit are closed by that."""
    if os.access(path, os.X_OK):
        for descriptor, peer in _connections_among([*peers, *_loose]).items():
            if not _is_inherited(descriptor):
                _forget(descriptor)
                note(CLOSE, 0, descriptor, peer)


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
    socket.close = _socket.close


def watch() -> None:
    """Note connections, and the bytes that go through them."""
    _watch_connections()
    _watch_bytes()
    _watch_subclasses()
    _watch_descriptors()
