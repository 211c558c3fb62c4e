"""What runs inside a watched server: it notes every call that matters, and changes none.

The methods of `socket.socket` are replaced on the class itself, so that a socket stays a `<socket.socket fd=...>`. A call that
may block is noted twice, when it begins and when it has ended (see ring.py for where to): so a watcher knows what a thread is
doing now, and how long it was blocked. `time.monotonic_ns` is one clock for all processes of a machine.

Standard library only, and little of it: what is imported here is imported in every watched server.
"""

import _socket
import atexit
import errno
import itertools
import os
import select
import selectors
import socket
import threading
import time

from servers.runtime import ring
from servers.runtime.event_kinds import (
    ACCEPT,
    BIND,
    CLOSE,
    CONNECT,
    EXIT,
    FORK,
    LISTEN,
    REAP,
    RECEIVE,
    SEND,
    SHUTDOWN,
    THREAD_END,
    THREAD_START,
    UNKNOWN,
    WAIT,
)
from servers.runtime.ring import SIZE

now = time.monotonic_ns
thread = threading.get_native_id
ident = threading.get_ident
plain = _socket.socket  # the C methods below socket.socket
NOBODY = ring.PEER.pack(b"", 0, 0)


def encode(address, family):
    """An Internet address as a record holds it; NOBODY for any other. A host's name stays unresolved: only its port counts."""
    if family not in (socket.AF_INET, socket.AF_INET6) or not address:
        return NOBODY
    try:
        packed = socket.inet_pton(family, address[0].partition("%")[0])
    except (OSError, TypeError, AttributeError):
        packed = b""
    return ring.PEER.pack(packed, address[1], 4 if family == socket.AF_INET else 6)


# ---------------------------------------------------------------- writing a record


class Threads(dict):
    """Python's number of a thread -> the system's, for which the system would have to be asked at each note."""

    def __missing__(self, number):
        self[number] = thread()
        return self[number]


memory = None
tids = Threads()
peers = {}  # descriptor -> encoded address of its peer, for the same reason
pack = ring.RECORD.pack_into


def claim(first_of_all=False):
    """Take a ring for this process. Its records are numbered from 1 by `tick`, which threads may share."""
    global first, last, tick, pack
    tids.clear()
    tick = itertools.count(1).__next__
    first, capacity = ring.claim(memory, first_of_all) or (0, 1)
    last = capacity - 1
    if capacity == 1:  # more than 2,047 processes at once: this one goes unwatched
        pack = lambda *record: ring.count_lost(memory)  # noqa: E731


def write(kind, start, end, value, peer):
    number = tick()
    pack(memory, first + (number & last) * SIZE, start, end, value, tids[ident()], peer, kind, number)


def note(kind, start=None, value=0, peer=NOBODY):
    end = now()
    write(kind, end if start is None else start, end, value, peer)


def peer_of(sock):
    descriptor = sock.fileno()
    known = peers.get(descriptor)
    if known is None:
        try:
            known = encode(sock.getpeername(), sock.family)
        except OSError:
            return NOBODY  # not known yet: it may connect later
        peers[descriptor] = known
    return known


def number_of(error, otherwise):
    """The errno of an exception; `otherwise` for a time-out and for a name that is not found, which have none."""
    number = getattr(error, "errno", errno.EINTR)  # what else a signal's handler may raise
    return number if number and number > 0 else otherwise


# ---------------------------------------------------------------- bind and listen: also where an unwatched server is watched


def addresses_of(host, family):
    """All addresses that a name has; none if there is no such name: bind says so better."""
    try:
        return {socket.inet_ntop(family, socket.inet_pton(family, host))}  # it mostly is an address: that is quick
    except (OSError, TypeError):
        pass
    try:
        return {info[4][0] for info in socket.getaddrinfo(host or None, 0, family, flags=0 if host else socket.AI_PASSIVE)}
    except OSError:
        return set()


def refuse_unless_loopback(host, sock):
    """Raise PermissionError for an address that other machines could reach."""
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    if host == "<broadcast>":
        host = "255.255.255.255"
    if not all(one.startswith("127.") or one == "::1" for one in addresses_of(host, sock.family)):
        raise PermissionError(
            errno.EACCES,
            f"this course's servers bind loopback addresses only, and {host!r} would let other machines in; "
            "bind '127.0.0.1' instead (a teacher who means it: launch(..., allow_any_address=True))",
        )


def watch_addresses(allow_any_address):
    def bind(self, address):
        if not allow_any_address and self.family != getattr(socket, "AF_UNIX", None) and isinstance(address, tuple) and address:
            refuse_unless_loopback(address[0], self)
        start = now()
        try:
            plain.bind(self, address)
        except OSError as error:
            note(BIND, start, -number_of(error, errno.EADDRNOTAVAIL), encode(address, self.family))
            raise
        note(BIND, start, self.type, encode(self.getsockname(), self.family))

    def listen(self, *backlog):
        if not allow_any_address and self.family in (socket.AF_INET, socket.AF_INET6):
            address = self.getsockname()
            if address[1] == 0:  # never bound: listen would bind every address
                refuse_unless_loopback(address[0], self)
        start = now()
        plain.listen(self, *backlog)
        note(LISTEN, start, 0, encode(self.getsockname(), self.family))

    socket.socket.bind, socket.socket.listen = bind, listen


# ---------------------------------------------------------------- connections and bytes


def failed(kind, start, sock, error):
    """Note a call that raised, unless it only says that there is nothing to do now."""
    if not isinstance(error, BlockingIOError):
        note(kind, start, -number_of(error, errno.ETIMEDOUT), peer_of(sock))


def receiving(original, count):
    """A method that takes bytes from a connection: noted when it begins, if it may block, and when it has ended.

    Each line served pays for this, for `sending` and for `waiting`: so the body of `write` is repeated there, and they take no
    **options, which would cost as much again as a note.
    """

    def method(self, size, *more):
        start = now()
        peer = peers.get(self.fileno()) or peer_of(self)
        if self.gettimeout() != 0:
            number = tick()
            pack(memory, first + (number & last) * SIZE, start, 0, 0, tids[ident()], peer, RECEIVE, number)
        try:
            received = original(self, size, *more)
        except BaseException as error:
            failed(RECEIVE, start, self, error)
            raise
        end, number = now(), tick()
        pack(memory, first + (number & last) * SIZE, start, end, count(received), tids[ident()], peer, RECEIVE, number)
        return received

    return method


def receiving_from(name, count, address_at):
    """A method that takes a datagram and says who sent it."""
    original = getattr(plain, name)

    def method(self, *arguments, **options):
        start = now()
        if self.gettimeout() != 0:
            write(RECEIVE, start, 0, 0, NOBODY)
        try:
            received = original(self, *arguments, **options)
        except BaseException as error:
            failed(RECEIVE, start, self, error)
            raise
        address = received[address_at]
        peer = encode(address, self.family) if address else peer_of(self)
        write(RECEIVE, start, now(), count(received[0]), peer)
        return received

    return method


def sending(original):
    def method(self, data, flags=0):
        start = now()
        peer = peers.get(self.fileno()) or peer_of(self)
        try:
            sent = original(self, data, flags)
        except BaseException as error:
            failed(SEND, start, self, error)
            raise
        if sent is None:  # sendall sends all, or raises
            count = data.nbytes if isinstance(data, memoryview) else len(data)
        else:
            count = sent
        end, number = now(), tick()
        pack(memory, first + (number & last) * SIZE, start, end, count, tids[ident()], peer, SEND, number)
        return sent

    return method


def sending_to(original, receiver=lambda arguments: None):
    """The same for a method of another form; `receiver` finds the address among its arguments."""

    def method(self, *arguments, **options):
        start = now()
        address = receiver(arguments)
        try:
            sent = original(self, *arguments, **options)
        except BaseException as error:
            failed(SEND, start, self, error)
            raise
        write(SEND, start, now(), sent, encode(address, self.family) if address else peer_of(self))
        return sent

    return method


def watch_bytes():
    cls = socket.socket
    received_into = receiving(plain.recv_into, int)
    cls.recv = receiving(plain.recv, len)
    cls.recv_into = lambda self, buffer, nbytes=0, flags=0: received_into(self, buffer, nbytes, flags)
    cls.recvfrom = receiving_from("recvfrom", len, 1)
    cls.recvfrom_into = receiving_from("recvfrom_into", int, 1)
    if hasattr(plain, "recvmsg"):
        cls.recvmsg = receiving_from("recvmsg", len, 3)
        cls.recvmsg_into = receiving_from("recvmsg_into", int, 3)
        cls.sendmsg = sending_to(plain.sendmsg)
    cls.send, cls.sendall = sending(plain.send), sending(plain.sendall)
    cls.sendfile = sending_to(cls.sendfile)
    cls.sendto = sending_to(plain.sendto, lambda arguments: arguments[-1] if arguments else None)


def watch_connections():
    cls = socket.socket
    plain_accept, plain_close, plain_detach = cls.accept, cls._real_close, cls.detach

    def accept(self):
        start = now()
        if self.gettimeout() != 0:
            write(ACCEPT, start, 0, 0, NOBODY)
        try:
            connection, address = plain_accept(self)
        except BaseException as error:
            failed(ACCEPT, start, self, error)
            raise
        peer = peers[connection.fileno()] = encode(address, self.family)
        write(ACCEPT, start, now(), connection.fileno(), peer)
        return connection, address

    def connect(self, address):
        start, number = now(), 0
        peers.pop(self.fileno(), None)
        try:
            plain.connect(self, address)
        except OSError as error:
            number = number_of(error, errno.ETIMEDOUT)
            raise
        finally:
            note(CONNECT, start, -number, encode(address, self.family))

    def shutdown(self, how):
        start = now()
        plain.shutdown(self, how)
        note(SHUTDOWN, start, how, peer_of(self))

    def close(self, *arguments):
        descriptor = self.fileno()
        if descriptor < 0:  # closed before
            return plain_close(self, *arguments)
        peer = peer_of(self)
        peers.pop(descriptor, None)
        start = now()
        plain_close(self, *arguments)
        note(CLOSE, start, descriptor, peer)

    def detach(self):
        peers.pop(self.fileno(), None)
        return plain_detach(self)

    cls.accept, cls.connect, cls.shutdown, cls._real_close, cls.detach = accept, connect, shutdown, close, detach


# ---------------------------------------------------------------- waiting for any of many


def waiting(original):
    """select() and its kin: noted when they may block; the count is how many are ready."""

    def wait(watched, timeout=None):
        if timeout is not None and timeout <= 0:
            return original(watched, timeout)
        start, number = now(), tick()
        pack(memory, first + (number & last) * SIZE, start, 0, 0, tids[ident()], NOBODY, WAIT, number)
        try:
            ready = original(watched, timeout)
        except BaseException:
            note(WAIT, start)
            raise
        count = sum(map(len, ready)) if isinstance(ready, tuple) else len(ready)
        end, number = now(), tick()
        pack(memory, first + (number & last) * SIZE, start, end, count, tids[ident()], NOBODY, WAIT, number)
        return ready

    return wait


def watch_waits():
    plain_select = select.select
    three_lists = waiting(lambda lists, timeout: plain_select(*lists, timeout))
    select.select = lambda readers, writers, others, timeout=None: three_lists((readers, writers, others), timeout)
    for name in ("SelectSelector", "PollSelector", "EpollSelector", "DevpollSelector", "KqueueSelector"):
        if selector := getattr(selectors, name, None):
            selector.select = waiting(selector.select)


# ---------------------------------------------------------------- processes and threads


def watch_processes():
    before = (0, 0, 0)  # parent's pid, its thread, and when it forked

    def remember():
        nonlocal before
        before = (os.getpid(), thread(), now())

    def in_child():
        """The child tells of the fork: it knows both pids. Its parent's thread goes where a peer's address would."""
        claim()
        parent, parent_thread, start = before
        origin = parent.to_bytes(8, "little") + parent_thread.to_bytes(8, "little")
        note(FORK, start, os.getpid(), ring.PEER.pack(origin, 0, 0))

    os.register_at_fork(before=remember, after_in_child=in_child)

    plain_exit = os._exit

    def _exit(status):
        note(EXIT, value=status)
        plain_exit(status)

    os._exit = _exit
    atexit.register(lambda: note(EXIT, value=UNKNOWN))  # the status is not known here; who reaps the process knows

    def reaping(original, pid_and_status):
        def wait(*arguments):
            start = now()
            blocks = not arguments or not arguments[-1] & os.WNOHANG
            if blocks:
                write(REAP, start, 0, 0, NOBODY)
            try:
                found = original(*arguments)
            except BaseException as error:
                if blocks:
                    note(REAP, start, -number_of(error, errno.ECHILD))
                raise
            pid, status = pid_and_status(found)
            if pid:
                note(REAP, start, pid, ring.PEER.pack((status & 0xFFFFFFFF).to_bytes(4, "little"), 0, 0))
            return found

        return wait

    def first_two(found):
        return found[0], os.waitstatus_to_exitcode(found[1]) if found[0] and (
            os.WIFEXITED(found[1]) or os.WIFSIGNALED(found[1])
        ) else 0

    def id_and_status(found):
        if found is None:
            return 0, 0
        return found.si_pid, found.si_status if found.si_code == os.CLD_EXITED else -found.si_status

    for name in ("wait", "waitpid", "wait3", "wait4"):
        if hasattr(os, name):
            setattr(os, name, reaping(getattr(os, name), first_two))
    if hasattr(os, "waitid"):
        os.waitid = reaping(os.waitid, id_and_status)


def watch_threads():
    plain_bootstrap = threading.Thread._bootstrap_inner

    def _bootstrap_inner(self):
        tids[ident()] = thread()  # Python uses the number of an ended thread again
        note(THREAD_START)
        try:
            plain_bootstrap(self)
        finally:
            note(THREAD_END)

    threading.Thread._bootstrap_inner = _bootstrap_inner


def install(shared, watch, allow_any_address):
    """Begin to watch this process and all that it will fork; with watch=False only where it binds and listens."""
    global memory
    memory = shared
    claim(first_of_all=True)
    watch_addresses(allow_any_address)
    if watch:
        watch_connections()
        watch_bytes()
        watch_waits()
        watch_processes()
        watch_threads()
