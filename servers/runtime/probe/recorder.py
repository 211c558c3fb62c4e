"""Writes what this process does into its ring (see ring.py): a record of each call that has ended, and what each thread is at now.

Taking a note never raises, whatever the script passes: it would be an error that the script does not have.
"""

import _socket
import _thread
import errno
import itertools
import os
import time

from servers.runtime import ring
from servers.runtime.event_kinds import BLOCKING, HANDSHAKE, RECEIVE, SEND, THREAD_END, THREAD_START

HERE = os.path.dirname(__file__) + os.sep
NOBODY = ring.PEER.pack(b"", 0, 0)
LOOPBACK = b"\x7f\0\0\1"  # where nearly all of them come from
RECEIVE_PEER, SEND_PEER = slice(*ring.RECEIVE_PEER), slice(*ring.SEND_PEER)

SIZE = ring.SIZE
now = time.monotonic_ns
_kill = os.kill
peers = {}  # descriptor -> encoded address of its peer: the system would have to be asked at each note

_memory = None
_sleeper = [0]  # the supervisor's process while it sleeps
_slots = None  # of this process
_ended = False  # this process has noted its exit


class Thread:
    """What the probe knows about one thread of this process. Lives in a thread-local variable, and so ends with its thread."""

    __slots__ = ("tid", "pid", "calls", "receives_from", "sends_to", "forks", "accepted", "_slot", "_slots", "_bytes", "_first")

    def __init__(self, first: bool = False) -> None:
        self.tid, self.pid = _thread.get_native_id(), os.getpid()
        self.receives_from = self.sends_to = NOBODY
        self.forks = 0  # when it last began to fork
        self.accepted = NOBODY  # the encoded peer of the connection that it took last; None while accept() has not got one
        self._first, self._slots = first, _slots
        self._slot, self._bytes = _slots.take()
        self.calls = self._bytes.cast("Q")  # by the kind of a call: when the one began that goes on, else 0
        self._bytes[:] = bytes(ring.SLOT)
        self.calls[0] = self.tid
        if not first:
            write(self, THREAD_START, now(), 0, NOBODY)

    def receive_from(self, peer: bytes) -> None:
        """From now on it is this peer for whose bytes the thread waits."""
        self._bytes[RECEIVE_PEER] = self.receives_from = peer

    def send_to(self, peer: bytes) -> None:
        self._bytes[SEND_PEER] = self.sends_to = peer

    def __del__(self):
        if not (self._first or _ended) and self.pid == os.getpid():  # a forked child clears its parent's other threads away
            write(self, THREAD_END, now(), 0, NOBODY)
            self._slots.give_back(self._slot)


class _Slots:
    """Which of the ring's slots for threads are free."""

    def __init__(self, start, count):
        self._start, self._count = start, count
        self._free, self._next = [], itertools.count().__next__

    def take(self):
        """(number, its bytes); a thread that finds no slot writes into a piece of memory that nobody reads."""
        try:
            number = self._free.pop()
        except IndexError:
            number = self._next()
        if number >= self._count:
            return None, memoryview(bytearray(ring.SLOT))
        start = self._start + number * ring.SLOT
        return number, memoryview(_memory)[start : start + ring.SLOT]

    def give_back(self, number):
        if number is not None:
            self._free.append(number)

    def used(self):
        """(number, its words, its bytes) of each slot that a thread has; the first thread has number 0."""
        for number in range(self._count):
            start = self._start + number * ring.SLOT
            slot = memoryview(_memory)[start : start + ring.SLOT]
            if not (words := slot.cast("Q"))[0]:  # nor has any that follows been used
                return
            if number not in self._free:
                yield number, words, slot


class _Local(_thread._local):
    """`mine.me` is the Thread of the running thread, whoever has made that thread."""

    def __init__(self):
        self.me = _slots and Thread()


mine = _Local()


def start(memory, main: bool = False) -> None:
    """Begin to write into a ring of this memory; `main`: into the large one."""
    global _memory, _sleeper
    _memory, _sleeper = memory, ring.sleeper(memory)
    claim(main)


def claim(main: bool = False) -> None:
    """Take a ring for this process, which has just begun. Its records are numbered from 1 by `_tick`, which threads may share."""
    global _records, _last, _tick, _pack, _slots, _ended
    _tick, _ended, _pack = itertools.count(1).__next__, False, ring.RECORD.pack_into
    index = ring.claim(_memory, main)
    if index is None:  # more processes at once than there are rings: this one goes unwatched
        _records, _last, _slots = None, 0, _Slots(0, 0)
        _pack = lambda *record: ring.count_lost(_memory)  # noqa: E731
    else:
        first, capacity = ring.place(index)
        _records = memoryview(_memory)[first : first + capacity * SIZE]
        _last, _slots = capacity - 1, _Slots(*ring.slots(index))
    mine.me = Thread(first=True)


def write(me: Thread, kind: int, start: int, value: int, peer: bytes) -> None:
    """The record of a call of this thread that has just ended."""
    number = _tick()
    _pack(_records, (number & _last) * SIZE, start, now(), value, me.tid, peer, kind, number)
    if _sleeper[0]:
        _wake()


def leave(me: Thread, kind: int, start: int, end: int) -> None:
    """A record that wakes nobody: it lies there until the supervisor looks for another reason, or after a while."""
    _record(me.tid, kind, start, end, 0, NOBODY)


def _record(tid, kind, start, end, value, peer):
    number = _tick()
    _pack(_records, (number & _last) * SIZE, start, end, value, tid, peer, kind, number)


def _wake() -> None:
    """Tell the supervisor that there is something to read. It looks by itself after a while where a signal cannot reach it."""
    pid, _sleeper[0] = _sleeper[0], 0
    try:
        _kill(pid, ring.WAKE)
    except OSError:
        pass


def note(kind: int, start: int = 0, value: int = 0, peer: bytes = NOBODY) -> None:
    """The same for whoever is in no hurry. Without a start, the call was over as soon as it began."""
    write(mine.me, kind, start or now(), value, peer)


def note_end(kind: int, status: int) -> None:
    """The last record of this process: what is cleared away from now on says nothing."""
    global _ended
    if not _ended:
        note(kind, value=status if -(2**31) <= status < 2**31 else 0)
    _ended = True


def end_threads() -> None:
    """Another program is about to take this process's place. What a thread is at ends with that, and so does the thread itself: in
    the new program, the process has only its first one."""
    moment = now()
    for number, words, slot in _slots.used():
        for kind in BLOCKING:
            start, words[kind] = words[kind], 0
            if start:
                peer = slot[SEND_PEER if kind == SEND else RECEIVE_PEER] if kind in (RECEIVE, SEND, HANDSHAKE) else NOBODY
                _record(words[0], kind, start, moment, -errno.EINTR, bytes(peer))
        if number:
            _record(words[0], THREAD_END, moment, moment, 0, NOBODY)
    if _sleeper[0]:
        _wake()


def has_ended() -> bool:
    """Whether this process has noted its exit."""
    return _ended


# ---------------------------------------------------------------- what a note is made of


def encode(address, family: int) -> bytes:
    """An Internet address as a record holds it; NOBODY for any other. A host's name stays unresolved: only its port counts."""
    if family not in (_socket.AF_INET, _socket.AF_INET6):
        return NOBODY
    try:
        host = address[0]
        packed = LOOPBACK if host == "127.0.0.1" and family == _socket.AF_INET else _socket.inet_pton(family, host.partition("%")[0])
    except (OSError, TypeError, AttributeError, LookupError, ValueError):
        packed = b""
    try:
        return ring.PEER.pack(packed, address[1], 4 if family == _socket.AF_INET else 6)
    except (ring.struct.error, TypeError, LookupError):  # what the call itself refuses
        return NOBODY


def number_of(error: BaseException) -> int:
    """The errno of an exception; ETIMEDOUT for a timeout, EPROTO for what TLS refuses, EINTR for what a signal's handler raised."""
    if isinstance(error, TimeoutError):
        return errno.ETIMEDOUT
    if type(error).__module__ == "ssl":  # its numbers are OpenSSL's
        return errno.EPROTO
    number = getattr(error, "errno", None) if isinstance(error, OSError) else None
    return number if isinstance(number, int) and number > 0 else errno.EINTR


def failed(me: Thread, kind: int, start: int, peer: bytes, error: BaseException) -> None:
    """Note a call that raised, unless it only says that there is nothing to do now; and leave no trace of us in its traceback."""
    hide(error)
    if not isinstance(error, BlockingIOError) and type(error).__name__ not in ("SSLWantReadError", "SSLWantWriteError"):
        write(me, kind, start, -number_of(error), peer)


# ---------------------------------------------------------------- standing for an original


def hide(error: BaseException) -> None:
    """Take our frames off the front of a traceback. A bare `raise` after it adds none."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename.startswith(HERE):
        trace = trace.tb_next
    error.__traceback__ = trace


def stands_for(original, owner: str = "socket"):
    """A decorator: the function has the name, the text and the signature of the original, for help(), inspect and pickle."""

    def adopt(function):
        function.__name__, function.__qualname__ = original.__name__, original.__qualname__
        function.__doc__, function.__module__ = original.__doc__, owner
        function.__wrapped__ = original
        return function

    return adopt


class BuiltIn(staticmethod):
    """A function that stands for a built-in one: as a class's attribute it does not become a method, and pickle goes by its name."""

    def __reduce__(self):
        return self.__name__

    def __repr__(self):
        return f"<built-in function {self.__name__}>"


def replace(module, name: str, make) -> None:
    """Put `make(original)` in the place of a module's built-in function, where the system has it."""
    if original := getattr(module, name, None):
        setattr(module, name, BuiltIn(stands_for(original, module.__name__)(make(original))))
