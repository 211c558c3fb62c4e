"""The memory through which a watched process tree tells what it does: one ring of records for each process.

The supervisor makes one shared mapping before it forks the server. Every process of the process tree inherits it, without a descriptor,
and writes its own ring; only the supervisor reads. Writing is one `pack_into`, no system call: measured, a pipe write for each
event halves the speed of a saturated server, and this leaves it nearly as it was.

    owners    one word for each ring: its process, 0 where it is free
    sleeper   one word: the supervisor's process while it sleeps, else 0. A writer that finds it wakes it by a signal
    rings     the first is large, for the server's main process; the others are for its children

A ring has two parts:

    slots     one for each thread: what it is at now. The start of a call that goes on is one word, in the place of its kind
    records   one for each call that has ended, over and over the same places

A record's last word, written last, is its number, from 1 on; a ring without an owner is all zeros. So the reader knows a whole
record from one that is being written, and a writer that has lapped the reader shows as a gap, which is counted.
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
SLOT = 128  # bytes: word 0 is the thread's number, word K the start of its call of kind K; and two peers between those
RECEIVE_PEER, SEND_PEER = (48, 48 + PEER.size), (72, 72 + PEER.size)  # first and last byte in a slot
LARGE, SMALL, CHILDREN = 65_536, 2_048, 2_047  # records in the first ring, in each other; number of the others
THREADS, CHILD_THREADS = 4_096, 64  # slots in the first ring, in each other
RINGS = 1 + CHILDREN
NAME = "servers-ring"  # of the memory, in /proc/PID/maps
TABLE = 20_480  # bytes: the owners, a word that counts the records of processes that found no ring, and the sleeper
KIND = 51  # the byte of a record that says its kind
LONG = 20_000_000  # nanoseconds: a send that takes less does not wait for its peer, and a pause is none
WAKE = _signal.SIGURG  # the signal that wakes the sleeper: whoever does not expect it never notices it (signal(7))
_WORDS, _SLOT_WORDS = SIZE // 8, SLOT // 8
_FIRST_RING, _RING = THREADS * SLOT + LARGE * SIZE, CHILD_THREADS * SLOT + SMALL * SIZE  # bytes
_MEMORY = TABLE + _FIRST_RING + CHILDREN * _RING  # 277 MB of addresses: only pages that are written cost memory
_PAGE = 64  # records in 4 KiB


def create() -> tuple:
    """(an empty memory, a descriptor of it, the path by which `open_shared` finds it while this process has the descriptor).

    Where the system has no memfd_create(2), the last two are None: then only a fork passes the memory on.
    """
    if not hasattr(os, "memfd_create"):
        return mmap.mmap(-1, _MEMORY), None, None
    descriptor = os.memfd_create(NAME)
    os.ftruncate(descriptor, _MEMORY)
    return _map(descriptor), descriptor, f"/proc/{os.getpid()}/fd/{descriptor}"


def open_shared(path: str | None):
    """The memory that another process has created; one that nobody reads when it cannot be had."""
    try:
        descriptor = os.open(path or "", os.O_RDWR)
    except OSError:  # its supervisor has gone
        return mmap.mmap(-1, _MEMORY)
    try:
        return _map(descriptor)
    finally:
        os.close(descriptor)


def _map(descriptor):
    """mmap(2) by hand: mmap.mmap keeps a descriptor of its own, which the script would see."""
    if sys.version_info >= (3, 13):
        return mmap.mmap(descriptor, _MEMORY, trackfd=False)
    from servers.runtime import libc

    address = libc.call("mmap", 0, _MEMORY, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED, descriptor, 0)
    if address == libc.MINUS_ONE:
        raise OSError("mmap() gives no shared memory")
    return libc.memory_at(address, _MEMORY)


def place(index: int) -> tuple[int, int]:
    """(first byte, number) of a ring's records."""
    start, threads = slots(index)
    return start + threads * SLOT, SMALL if index else LARGE


def slots(index: int) -> tuple[int, int]:
    """(first byte, number) of a ring's slots for threads."""
    if index == 0:
        return TABLE, THREADS
    return TABLE + _FIRST_RING + (index - 1) * _RING, CHILD_THREADS


def owners(memory):
    """The words of the table: the process of each ring, and the number of records that found none."""
    return memoryview(memory)[: (RINGS + 1) * 8].cast("Q")


def sleeper(memory):
    """The one word of whoever sleeps until there is something to read."""
    return memoryview(memory)[(RINGS + 1) * 8 : (RINGS + 2) * 8].cast("Q")


def claim(memory, main: bool = False) -> int | None:
    """The index of a ring for this process, or None when all are taken.

    There is no lock between processes: each begins to look at a place that its pid gives, so that two of them would have to look
    at the same place in the same microsecond. The places are few, so that rings are used again: what a reader has
    touched once costs memory for as long as it lives.
    """
    pid, table = os.getpid(), owners(memory)
    for index in (0,) if main else ((pid % 64 + step) % CHILDREN + 1 for step in range(CHILDREN)):
        if table[index] == 0:
            table[index] = pid
            return index
    return None


def count_lost(memory) -> None:
    """What a process without a ring does with its records."""
    owners(memory)[RINGS] += 1


class Reader:
    """The supervisor's side of one ring."""

    def __init__(self, memory, index: int, pid: int) -> None:
        self.index, self.pid = index, pid
        self.offset, self.capacity = place(index)
        self.dropped = 0
        self.exited = False  # the owner has noted its exit
        self._bytes = memoryview(memory)[self.offset : self.offset + self.capacity * SIZE]
        self._words = self._bytes.cast("Q")
        self._next = 1  # number of the record to read next
        start, self._threads = slots(index)
        self._slots = memoryview(memory)[start : self.offset]
        self._calls = self._slots.cast("Q")
        self._used = 0  # slots that have ever had a thread
        self._told: dict[int, list[int]] = {kind: [] for kind in BLOCKING}  # the calls that were going on when we looked last

    def calls(self) -> list[tuple[int, int, int]]:
        """(slot, kind, start) of the calls that go on and were not told before."""
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
                        starts[slot] = 0  # later, if it still goes on
                    else:
                        new.append((slot, kind, start))
            self._told[kind] = starts
        return new

    def still(self, calls: list[tuple[int, int, int]]) -> bytes:
        """Records without an end for those of these calls that go on yet: a reader that has read all records since
        `calls()` knows that none of them has had its end told."""
        records = bytearray()
        for slot, kind, start in calls:
            room = self._slots[slot * SLOT : (slot + 1) * SLOT]
            peer = bytes(PEER.size)
            if kind in (RECEIVE, HANDSHAKE):
                peer = bytes(room[slice(*RECEIVE_PEER)])
            elif kind == SEND:
                peer = bytes(room[slice(*SEND_PEER)])
            words = room.cast("Q")
            if words[kind] == start:
                records += RECORD.pack(start, 0, 0, words[0], peer, kind, 0)
        return bytes(records)

    def read(self, limit: int = 4096) -> bytes:
        """The bytes of all whole records that have come, up to `limit`. What was overwritten unread is counted in `dropped`."""
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
        """Count what is left unread as dropped; it may lie behind a record that a dying thread never wrote."""
        newest, number = self._next - 1, self._next
        while number < self._next + self.capacity and (found := max(self._numbers(number, _PAGE))) >= number:
            newest, number = found, max(found, number) + 1
        self.dropped += newest + 1 - self._next
        self._next = newest + 1

    def clear(self) -> None:
        """Make the ring as new, for its next owner."""
        used = min(self._next, self.capacity) * SIZE
        self._bytes[:used] = bytes(used)
        self._slots[: self._used * SLOT] = bytes(self._used * SLOT)

    def _number_at(self, position):
        return self._words[position * _WORDS + _WORDS - 1]

    def _numbers(self, number, count):
        """The last words of `count` records from the place of record `number` on, as far as the ring's end."""
        first = number % self.capacity
        last = min(first + count, self.capacity)
        return self._words[first * _WORDS + _WORDS - 1 : last * _WORDS : _WORDS].tolist()

    def _count_from(self, number, limit):
        """How many whole records follow one another from `number` on. Looks at no page that has none: looking costs memory."""
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
        """Skip what record `number` and those before it have overwritten, and half a lap more, to have time."""
        self.dropped += number - self._next - self.capacity // 2
        self._next = number - self.capacity // 2
