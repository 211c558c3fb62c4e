"""The shared memory in which a watched process tree records what it does: one ring of records per process.

The supervisor creates one shared mapping before it forks the server. Every process of the tree inherits it, without a descriptor,
and writes its own ring; only the supervisor reads. Writing is one `pack_into`, no system call: as measured, a pipe write per event
halves the speed of a saturated server, while this leaves it almost unchanged.

    owners    one word per ring: the pid of its process, 0 if the ring is free
    sleeper   one word: the supervisor's pid while it sleeps, else 0. A writer that finds it set wakes the supervisor by a signal
    rings     the first is large, for the server's main process; the others are for its children

A ring has two parts:

    slots     one per thread: its current call. Each kind of call has one word, which holds the start of a call in progress
    records   one per completed call, in a circular buffer

A record's last word, written last, is its number, counted from 1; a ring without an owner is all zeros. So the reader can tell
a complete record from one being written, and a writer that has lapped the reader shows as a gap, which is counted.
"""

import _signal
import mmap
import os
import struct
import sys
import time

from servers.runtime.event_kinds import BLOCKING, HANDSHAKE, PAUSE, RECEIVE, SEND

PEER = struct.Struct("<16sHB")  # an address, its port, and 4 or 6; 0 when there is none
RECORD = struct.Struct(f"<qqqQ{PEER.size}sB4xQ")  # start, end, value, thread, peer, kind, number
SIZE = RECORD.size
SLOT = 128  # bytes: word 0 is the thread ID, word K the start of its call of kind K; two peers lie in between
RECEIVE_PEER, SEND_PEER = (48, 48 + PEER.size), (72, 72 + PEER.size)  # first byte and end in a slot
LARGE, SMALL, CHILDREN = 65_536, 2_048, 2_047  # records in the first ring, in each other ring; number of other rings
THREADS, CHILD_THREADS = 4_096, 64  # slots in the first ring, in each other ring
RINGS = 1 + CHILDREN
NAME = "servers-ring"  # the memory's name in /proc/PID/maps
TABLE = 20_480  # bytes: the owners, a count of records lost by processes that found no ring, and the sleeper
PORT, KIND = 48, 51  # offsets of the bytes of a record that hold its peer's port, of which this is the lower byte, and its kind
# What a new child is: it may have connections of its parent; it is a new program and has none; the probe is not in it, and it has one
HEIR, PROGRAM, SERVES_UNSEEN = range(3)
LONG = 20_000_000  # nanoseconds: a shorter send did not wait for its peer, and a shorter pause is no pause
WAKE = _signal.SIGURG  # the signal that wakes the sleeper: ignored by default (signal(7))
_WORDS, _SLOT_WORDS = SIZE // 8, SLOT // 8
_FIRST_RING, _RING = THREADS * SLOT + LARGE * SIZE, CHILD_THREADS * SLOT + SMALL * SIZE  # bytes
_MEMORY = TABLE + _FIRST_RING + CHILDREN * _RING  # 277 MB of address space: only pages that are written cost memory
_PAGE = 64  # records in 4 KiB


def create() -> tuple:
    """Return (an empty memory, its descriptor, the path for `open_shared` while this process keeps the descriptor open).

    Without memfd_create(2) the last two are None: then only a fork passes the memory on.
    """
    if not hasattr(os, "memfd_create"):
        return mmap.mmap(-1, _MEMORY), None, None
    descriptor = os.memfd_create(NAME)
    os.ftruncate(descriptor, _MEMORY)
    return _map(descriptor), descriptor, f"/proc/{os.getpid()}/fd/{descriptor}"


def open_shared(path: str | None):
    """Map the memory that another process has created; if that fails, return one that no process reads."""
    try:
        descriptor = os.open(path or "", os.O_RDWR)
    except OSError:  # its supervisor has ended
        return mmap.mmap(-1, _MEMORY)
    try:
        return _map(descriptor)
    finally:
        os.close(descriptor)


def _map(descriptor):
    """Call mmap(2) directly: mmap.mmap would keep a duplicate descriptor, which the script would see."""
    if sys.version_info >= (3, 13):
        return mmap.mmap(descriptor, _MEMORY, trackfd=False)
    from servers.runtime import libc

    address = libc.call("mmap", 0, _MEMORY, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED, descriptor, 0)
    if address == libc.MINUS_ONE:
        raise OSError("mmap() gives no shared memory")
    return libc.memory_at(address, _MEMORY)


def place(index: int) -> tuple[int, int]:
    """Return (first byte, number) of a ring's records."""
    start, threads = slots(index)
    return start + threads * SLOT, SMALL if index else LARGE


def slots(index: int) -> tuple[int, int]:
    """Return (first byte, number) of a ring's thread slots."""
    if index == 0:
        return TABLE, THREADS
    return TABLE + _FIRST_RING + (index - 1) * _RING, CHILD_THREADS


def peer_in(slot, kind: int) -> bytes:
    """Return the encoded peer of a thread's call of this kind, from its slot; zeros for a kind that has none."""
    if kind in (RECEIVE, HANDSHAKE):
        return bytes(slot[slice(*RECEIVE_PEER)])
    return bytes(slot[slice(*SEND_PEER)]) if kind == SEND else bytes(PEER.size)


def owners(memory):
    """Return the words of the table: the pid that owns each ring, and the count of records that found no ring."""
    return memoryview(memory)[: (RINGS + 1) * 8].cast("Q")


def sleeper(memory):
    """Return the sleeper word: the pid of a supervisor that sleeps until there is something to read."""
    return memoryview(memory)[(RINGS + 1) * 8 : (RINGS + 2) * 8].cast("Q")


def claim(memory, main: bool = False) -> int | None:
    """Return the index of a ring for this process, or None if all are taken.

    There is no lock between processes: each starts its search at a place given by its pid, so two of them would collide only by
    looking at the same place in the same microsecond. Starting places are few, so that rings are reused: pages that a reader has
    once touched cost memory for as long as it lives.
    """
    pid, table = os.getpid(), owners(memory)
    for index in (0,) if main else ((pid % 64 + step) % CHILDREN + 1 for step in range(CHILDREN)):
        if table[index] == 0:
            table[index] = pid
            return index
    return None


def count_lost(memory) -> None:
    """Count a record of a process that has no ring."""
    owners(memory)[RINGS] += 1


class Reader:
    """The supervisor's side of one ring."""

    def __init__(self, memory, index: int, pid: int) -> None:
        self.index, self.pid = index, pid
        self.offset, self.capacity = place(index)
        self.dropped = 0
        self.exited = False  # the owner has recorded its exit
        self._bytes = memoryview(memory)[self.offset : self.offset + self.capacity * SIZE]
        self._words = self._bytes.cast("Q")
        self._next = 1  # number of the record to read next
        start, self._threads = slots(index)
        self._slots = memoryview(memory)[start : self.offset]
        self._calls = self._slots.cast("Q")
        self._used = 0  # slots that have ever had a thread
        self._told: dict[int, list[int]] = {kind: [] for kind in BLOCKING}  # the calls in progress when we last looked

    def calls(self) -> list[tuple[int, int, int]]:
        """Return (slot, kind, start) of the calls in progress that were not reported before."""
        while self._used < self._threads and self._calls[self._used * _SLOT_WORDS]:
            self._used += 1
        end, new, long_ago = self._used * _SLOT_WORDS, [], time.monotonic_ns() - LONG
        for kind, told in self._told.items():
            starts = self._calls[kind:end:_SLOT_WORDS].tolist()
            if starts == told:
                continue
            told.extend([0] * (len(starts) - len(told)))
            for slot, start in enumerate(starts):
                if start and start != told[slot]:
                    if kind in (SEND, PAUSE) and start > long_ago:
                        starts[slot] = 0  # later, if still in progress
                    else:
                        new.append((slot, kind, start))
            self._told[kind] = starts
        return new

    def still(self, calls: list[tuple[int, int, int]]) -> bytes:
        """Return records without an end for those of these calls still in progress: once all records since `calls()` are read, it is
        certain that none of them was reported as ended."""
        records = bytearray()
        for slot, kind, start in calls:
            room = self._slots[slot * SLOT : (slot + 1) * SLOT]
            peer, words = peer_in(room, kind), room.cast("Q")
            if words[kind] == start:
                records += RECORD.pack(start, 0, 0, words[0], peer, kind, 0)
        return bytes(records)

    def read(self, limit: int = 4096) -> bytes:
        """Return the bytes of all complete new records, up to `limit`. Records overwritten before they were read count as `dropped`."""
        while True:
            first = self._next % self.capacity
            there = self._number_at(first)
            if there < self._next:
                return b""
            if there > self._next:  # the writer has lapped us
                self._catch_up(there)
                continue
            whole = self._count_from(self._next, min(limit, self.capacity - first))
            records = bytes(self._bytes[first * SIZE : (first + whole) * SIZE])
            if self._number_at(first) == self._next:  # not lapped while we copied
                self._next += whole
                return records

    def give_up(self) -> None:
        """Count all unread records as dropped; they may lie behind one that a dying thread never finished."""
        newest, number = self._next - 1, self._next
        while number < self._next + self.capacity and (found := max(self._numbers(number, _PAGE))) >= number:
            newest, number = found, max(found, number) + 1
        self.dropped += newest + 1 - self._next
        self._next = newest + 1

    def clear(self) -> None:
        """Reset the ring for its next owner."""
        used = min(self._next, self.capacity) * SIZE
        self._bytes[:used] = bytes(used)
        self._slots[: self._used * SLOT] = bytes(self._used * SLOT)

    def _number_at(self, position):
        return self._words[position * _WORDS + _WORDS - 1]

    def _numbers(self, number, count):
        """Return the last words of `count` records from the place of record `number` on, up to the ring's end."""
        first = number % self.capacity
        last = min(first + count, self.capacity)
        return self._words[first * _WORDS + _WORDS - 1 : last * _WORDS : _WORDS].tolist()

    def _count_from(self, number, limit):
        """Count the consecutive complete records from `number` on. Touch no page without any: touching costs memory."""
        whole = 0
        while whole < limit:
            size = min(_PAGE - (number + whole) % _PAGE, limit - whole)
            expected = list(range(number + whole, number + whole + size))
            found = self._numbers(number + whole, size)
            if found != expected:
                return whole + [a == b for a, b in zip(found, expected, strict=True)].index(False)
            whole += size
        return whole

    def _catch_up(self, number):
        """Skip what record `number` and earlier ones have overwritten, plus half a lap, to gain time."""
        self.dropped += number - self._next - self.capacity // 2
        self._next = number - self.capacity // 2
