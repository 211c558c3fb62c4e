"""Writes what this process does into its ring (see ring.py): a record of each completed call, and each thread's current call.

Recording must never raise, whatever the script passes: the script would see an error that it does not have when run without us.
"""

import _socket
import _thread
import errno
import itertools
import os
import time

from servers.runtime import ring
from servers.runtime.event_kinds import BLOCKING, THREAD_END, THREAD_START

HERE = os.path.dirname(__file__) + os.sep
NOBODY = ring.PEER.pack(b"", 0, 0)
LOOPBACK = b"\x7f\0\0\1"  # where nearly all peers are
RECEIVE_PEER, SEND_PEER = slice(*ring.RECEIVE_PEER), slice(*ring.SEND_PEER)

SIZE = ring.SIZE
now = time.monotonic_ns
_kill = os.kill
peers = {}  # descriptor -> encoded address of its peer: saves asking the system for each record

_memory = None
_sleeper = [0]  # the supervisor's process while it sleeps
_slots = None  # thread slots of this process
_ended = False  # this process has recorded its exit


class Thread:
    """The probe's state for one thread of this process. It lives in a thread-local variable, and so ends with its thread."""

    __slots__ = ("tid", "pid", "calls", "receives_from", "sends_to", "forks", "accepted", "_slot", "_slots", "_bytes", "_first")

    def __init__(self, first: bool = False) -> None:
        self.tid, self.pid = _thread.get_native_id(), os.getpid()
        self.receives_from = self.sends_to = NOBODY
        self.forks = 0  # start of its last fork()
        self.accepted = NOBODY  # encoded peer of the last connection it accepted; None while accept() waits for one
        self._first, self._slots = first, _slots
        self._slot, self._bytes = _slots.take()
        self.calls = self._bytes.cast("Q")  # by kind of call: start of the one in progress, else 0
        self._bytes[:] = bytes(ring.SLOT)
        self.calls[0] = self.tid
        if not first:
            write(self, THREAD_START, now(), 0, NOBODY)

    def receive_from(self, peer: bytes) -> None:
        """Set the peer that the thread receives from: it shows while a call waits."""
        self._bytes[RECEIVE_PEER] = self.receives_from = peer

    def send_to(self, peer: bytes) -> None:
        self._bytes[SEND_PEER] = self.sends_to = peer

    def __del__(self):
        if not (self._first or _ended) and self.pid == os.getpid():  # not when a forked child clears away its parent's other threads
            write(self, THREAD_END, now(), 0, NOBODY)
            self._slots.give_back(self._slot)


class _Slots:
    """The free thread slots of this process's ring."""

    def __init__(self, start, count):
        self._start, self._count = start, count
        self._free, self._next = [], itertools.count().__next__

    def take(self):
        """Return (number, its bytes); without a free slot, the bytes of memory that no process reads."""
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
        """Yield (number, its words, its bytes) of each slot in use; the first thread has number 0."""
        for number in range(self._count):
            start = self._start + number * ring.SLOT
            slot = memoryview(_memory)[start : start + ring.SLOT]
            if not (words := slot.cast("Q"))[0]:  # neither it nor any later one has been used
                return
            if number not in self._free:
                yield number, words, slot


class _Local(_thread._local):
    """`mine.me` is the Thread of the running thread, even of one started by C code."""

    def __init__(self):
        self.me = _slots and Thread()


mine = _Local()


def start(memory, main: bool = False) -> None:
    """Begin to write into a ring of this memory, the large one if `main`."""
    global _memory, _sleeper
    _memory, _sleeper = memory, ring.sleeper(memory)
    claim(main)


def claim(main: bool = False) -> None:
    """Take a ring for this process, which has just started. `_tick` numbers its records from 1 and is safe to share among threads."""
    global _records, _last, _tick, _pack, _slots, _ended
    _tick, _ended, _pack = itertools.count(1).__next__, False, ring.RECORD.pack_into
    index = ring.claim(_memory, main)
    if index is None:  # more processes at once than rings: this one goes unwatched
        _records, _last, _slots = None, 0, _Slots(0, 0)
        _pack = lambda *record: ring.count_lost(_memory)  # noqa: E731
    else:
        first, capacity = ring.place(index)
        _records = memoryview(_memory)[first : first + capacity * SIZE]
        _last, _slots = capacity - 1, _Slots(*ring.slots(index))
    mine.me = Thread(first=True)


def write(me: Thread, kind: int, start: int, value: int, peer: bytes) -> None:
    """Record a call of this thread that has just ended."""
    number = _tick()
    _pack(_records, (number & _last) * SIZE, start, now(), value, me.tid, peer, kind, number)
    if _sleeper[0]:
        _wake()


def leave(me: Thread, kind: int, start: int, end: int) -> None:
    """Write a record without waking the supervisor, which finds it at its next look."""
    _record(me.tid, kind, start, end, 0, NOBODY)


def _record(tid, kind, start, end, value, peer):
    number = _tick()
    _pack(_records, (number & _last) * SIZE, start, end, value, tid, peer, kind, number)


def _wake() -> None:
    """Wake the supervisor to read. If the signal cannot reach it, it looks anyway after a while."""
    pid, _sleeper[0] = _sleeper[0], 0
    try:
        _kill(pid, ring.WAKE)
    except OSError:
        pass


def note(kind: int, start: int = 0, value: int = 0, peer: bytes = NOBODY) -> None:
    """Like write(), for calls where speed does not matter. Without a start, the call took no time."""
    write(mine.me, kind, start or now(), value, peer)


def note_end(kind: int, status: int) -> None:
    """Write the last record of this process: objects cleared away from now on are not recorded."""
    global _ended
    if not _ended:
        note(kind, value=status if -(2**31) <= status < 2**31 else 0)
    _ended = True


def end_threads() -> None:
    """End all calls in progress, and all threads but the first: an exec is about to replace this program, and in the new one the
    process has only its first thread."""
    moment = now()
    for number, words, slot in _slots.used():
        for kind in BLOCKING:
            start, words[kind] = words[kind], 0
            if start:
                _record(words[0], kind, start, moment, -errno.EINTR, ring.peer_in(slot, kind))
        if number:
            _record(words[0], THREAD_END, moment, moment, 0, NOBODY)
    if _sleeper[0]:
        _wake()


def has_ended() -> bool:
    """Whether this process has recorded its exit."""
    return _ended


# ---------------------------------------------------------------- the parts of a record


def encode(address, family: int) -> bytes:
    """Return an Internet address as a record holds it; NOBODY for any other. A host name stays unresolved: only its port is kept."""
    if family not in (_socket.AF_INET, _socket.AF_INET6):
        return NOBODY
    try:
        host = address[0]
        packed = LOOPBACK if host == "127.0.0.1" and family == _socket.AF_INET else _socket.inet_pton(family, host.partition("%")[0])
    except (OSError, TypeError, AttributeError, LookupError, ValueError):
        packed = b""
    try:
        return ring.PEER.pack(packed, address[1], 4 if family == _socket.AF_INET else 6)
    except (ring.struct.error, TypeError, LookupError):  # the call itself will reject it
        return NOBODY


def number_of(error: BaseException) -> int:
    """Return the errno of an exception; ETIMEDOUT for a timeout, EPROTO for a TLS error, EINVAL for wrong arguments, EINTR for one
    raised by a signal handler. Expects our frames to be hidden: then wrong arguments have no traceback.
    """
    if isinstance(error, TimeoutError):
        return errno.ETIMEDOUT
    if type(error).__module__ == "ssl":  # its error numbers are OpenSSL's
        return errno.EPROTO
    number = getattr(error, "errno", None) if isinstance(error, OSError) else None
    if isinstance(number, int) and number > 0:
        return number
    return errno.EINTR if error.__traceback__ or isinstance(error, KeyboardInterrupt) else errno.EINVAL


def failed(me: Thread, kind: int, start: int, peer: bytes, error: BaseException) -> None:
    """Record a call that raised, unless it would only have blocked; and remove our frames from the traceback."""
    hide(error)
    if not isinstance(error, BlockingIOError) and type(error).__name__ not in ("SSLWantReadError", "SSLWantWriteError"):
        write(me, kind, start, -number_of(error), peer)


# ---------------------------------------------------------------- imitating an original


def hide(error: BaseException) -> None:
    """Remove our frames from the front of a traceback. A bare `raise` afterwards adds none."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename.startswith(HERE):
        trace = trace.tb_next
    error.__traceback__ = trace


class _Hidden:
    """`with hidden:` around the call of an original: what it raises shows no frame of ours. Not for calls made for every line."""

    __slots__ = ()

    def __enter__(self):
        pass

    def __exit__(self, kind, error, trace):
        if error is not None:
            hide(error)


hidden = _Hidden()


def stands_for(original, owner: str = "socket"):
    """Return a decorator that gives a function the original's name, docstring and signature, for help(), inspect and pickle."""

    def adopt(function):
        function.__name__, function.__qualname__ = original.__name__, original.__qualname__
        function.__doc__, function.__module__ = original.__doc__, owner
        function.__wrapped__ = original
        return function

    return adopt


class BuiltIn(staticmethod):
    """A function that replaces a built-in one: as a class attribute it does not become a method, and it is pickled by name."""

    def __reduce__(self):
        return self.__name__

    def __repr__(self):
        return f"<built-in function {self.__name__}>"


def replace(module, name: str, make) -> None:
    """Replace a module's built-in function with `make(original)`, if this system has it."""
    if original := getattr(module, name, None):
        setattr(module, name, BuiltIn(stands_for(original, module.__name__)(make(original))))
