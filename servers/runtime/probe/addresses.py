"""bind and listen: recorded even in an unwatched server, and refused for addresses that other machines could reach."""

import _socket
import errno
import socket

from servers.runtime.event_kinds import BIND, LISTEN
from servers.runtime.probe.recorder import encode, hidden, hide, note, now, number_of, stands_for

plain = _socket.socket
family, kind, fileno, getsockname = plain.family.__get__, plain.type.__get__, plain.fileno, plain.getsockname
INTERNET = _socket.AF_INET, _socket.AF_INET6


def watch(allow_any_address: bool) -> None:
    """Record where this process binds and listens."""

    @stands_for(plain.bind)
    def bind(*arguments, **options):
        start = now()
        try:
            if not allow_any_address and len(arguments) == 2:
                _refuse_unless_loopback(*arguments)
            plain.bind(*arguments, **options)
        except BaseException as error:
            hide(error)
            if arguments and isinstance(arguments[0], plain):
                note(BIND, start, -number_of(error), encode(arguments[-1], family(arguments[0])))
            raise
        _note_own_address(BIND, start, kind(arguments[0]), arguments[0])

    @stands_for(plain.listen)
    def listen(*arguments, **options):
        start = now()
        with hidden:
            if not allow_any_address and arguments and not options:
                _refuse_unless_bound(*arguments)
            plain.listen(*arguments, **options)
        _note_own_address(LISTEN, start, 0, arguments[0])

    socket.socket.bind, socket.socket.listen = bind, listen


def _note_own_address(event, start, value, sock):
    try:
        address = getsockname(sock)
    except OSError:  # closed by another thread meanwhile
        return
    note(event, start, value, encode(address, family(sock)))


def _refuse_unless_loopback(sock, address):
    """Raise PermissionError for an address that other machines could reach. Anything but an address is left for bind() to reject."""
    if not _is_open(sock) or not isinstance(address, tuple) or not address:
        return
    host = "255.255.255.255" if address[0] == "<broadcast>" else address[0]
    host = bytes(host) if isinstance(host, bytearray) else host
    if isinstance(host, (str, bytes)) and not all(map(is_loopback, _addresses_of(host, family(sock)))):
        _try_out(plain.bind, sock, address)
        _refuse(sock, f"{host!r}", ", where no multicast or broadcast arrives" if kind(sock) == _socket.SOCK_DGRAM else "")


def _is_open(sock):
    return isinstance(sock, plain) and family(sock) in INTERNET and fileno(sock) >= 0


def _try_out(method, sock, *arguments):
    """Call the method on a closed socket: it raises what plain Python says of wrong arguments, and right ones do nothing."""
    try:
        closed = plain(family(sock), kind(sock))
        closed.close()
        method(closed, *arguments)
    except OSError:
        pass


def _refuse(sock, what, then):
    loopback = "::1" if family(sock) == _socket.AF_INET6 else "127.0.0.1"
    raise PermissionError(
        errno.EACCES,
        f"this course's servers bind loopback addresses only, and {what} would let other machines in; "
        f"bind {loopback!r} instead{then} (a teacher who means it: launch(..., allow_any_address=True))",
    )


def _refuse_unless_bound(sock, *arguments):
    """Raise PermissionError for listen() on an unbound socket, which would bind to all addresses."""
    if _is_open(sock) and getsockname(sock)[1] == 0:
        _try_out(plain.listen, sock, *arguments)
        _refuse(sock, "listen() on a socket that has no address yet", ", before listen()")


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach the address; `::ffff:127.0.0.1` is IPv4's loopback."""
    return address.startswith("127.") or address == "::1" or address.startswith("::ffff:127.")


def _addresses_of(host, family):
    """Return all addresses of a host name; none if there is no such name, which bind() reports better."""
    try:
        return {_socket.inet_ntop(family, _socket.inet_pton(family, host))}  # usually it is an address: quick
    except (OSError, TypeError, ValueError):
        pass
    try:
        found = _socket.getaddrinfo(host or None, 0, family, 0, 0, 0 if host else _socket.AI_PASSIVE)
    except (OSError, TypeError, ValueError):
        return set()
    return {address[0] for *_, address in found}
