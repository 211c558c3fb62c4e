"""The memory through which a watched family of processes tells what it does: one ring of records for each process.

The supervisor makes one anonymous shared mapping before it forks the server. Every process of the family inherits it, without
a descriptor and without a file, and writes its own ring; only the supervisor reads. Writing is one `pack_into`, no system call:
measured, a pipe write for each event halves the speed of a saturated server, and this leaves it nearly as it was.

    owners    one word for each ring: its process, 0 where it is free
    rings     the first is large, for the server's main process; the others are for its children

A record's last word, written last, is its number, from 1 on; a ring without an owner is all zeros. So the reader knows a whole
record from one that is being written, and a writer that has lapped the reader shows as a gap, which is counted.
"""

import mmap
import os
import struct

PEER = struct.Struct("<16sHB")  # an address, its port, and 4 or 6; 0 when there is none
RECORD = struct.Struct(f"<qqqQ{PEER.size}sB4xQ")  # start, end, value, thread, peer, kind, number
SIZE = RECORD.size
_WORDS = SIZE // 8
LARGE, SMALL, CHILDREN = 65_536, 2_048, 2_047  # records in the first ring, in each other; number of the others
RINGS = 1 + CHILDREN
TABLE = (RINGS + 1) * 8  # the owners, and one word that counts the records of processes that found no ring
KIND = 51  # the byte of a record that says its kind


def create() -> mmap.mmap:
    """An empty mapping, 260 MiB of addresses; only pages that are written cost memory."""
    return mmap.mmap(-1, TABLE + (LARGE + CHILDREN * SMALL) * SIZE)


def place(index: int) -> tuple[int, int]:
    """(first byte, number of records) of a ring."""
    return (TABLE, LARGE) if index == 0 else (TABLE + (LARGE + (index - 1) * SMALL) * SIZE, SMALL)


def claim(memory: mmap.mmap, first: bool = False) -> tuple[int, int] | None:
    """(first byte, number of records) of a ring for this process, or None when all are taken.

    There is no lock between processes: each starts to look at a place of its own, given by its pid, so that two would have to
    have pids 2,047 apart and to look in the same microsecond.
    """
    pid = os.getpid()
    owners = memoryview(memory)[:TABLE].cast("Q")
    candidates = (0,) if first else ((pid + step) % CHILDREN + 1 for step in range(CHILDREN))
    for index in candidates:
        if owners[index] == 0:
            owners[index] = pid
            return place(index)
    return None


def count_lost(memory: mmap.mmap) -> None:
    """What a process without a ring does with its records."""
    memoryview(memory)[:TABLE].cast("Q")[RINGS] += 1


class Reader:
    """The supervisor's side of one ring."""

    def __init__(self, memory: mmap.mmap, index: int, pid: int) -> None:
        self.index, self.pid = index, pid
        self.offset, self.capacity = place(index)
        self._bytes = memoryview(memory)[self.offset : self.offset + self.capacity * SIZE]
        self._words = self._bytes.cast("Q")
        self._next = 1  # number of the record to read next
        self.dropped = 0
        self.exited = False  # the owner has noted its exit

    def _numbers(self, limit):
        """The last words of the records from `next` on, as far as the ring's end or `limit`."""
        first = self._next % self.capacity
        last = min(first + limit, self.capacity)
        return self._words[first * _WORDS + _WORDS - 1 : last * _WORDS : _WORDS].tolist()

    def read(self, limit: int = 4096) -> bytes:
        """The bytes of all whole records that have come, up to `limit`. What was overwritten unread is counted in `dropped`."""
        while True:
            first = self._next % self.capacity
            there = self._words[first * _WORDS + _WORDS - 1]
            if there < self._next:
                return b""
            if there > self._next:  # the writer has lapped us
                self._catch_up(there)
                continue
            whole = 0
            for number in self._numbers(limit):
                if number != self._next + whole:
                    break
                whole += 1
            records = bytes(self._bytes[first * SIZE : (first + whole) * SIZE])
            if self._words[first * _WORDS + _WORDS - 1] == self._next:  # not lapped while we copied
                self._next += whole
                return records

    def give_up(self) -> None:
        """Count what is left unread as dropped; it may lie behind a record that a dying thread never wrote."""
        newest = max(self._words[_WORDS - 1 :: _WORDS].tolist())
        self.dropped += max(0, newest + 1 - self._next)
        self._next = max(self._next, newest + 1)

    def clear(self) -> None:
        """Make the ring as new, for its next owner."""
        used = min(self._next, self.capacity) * SIZE
        self._bytes[:used] = bytes(used)

    def _catch_up(self, number):
        """Skip what record `number` and those before it have overwritten, and half a lap more, to have time."""
        self.dropped += number - self._next - self.capacity // 2
        self._next = number - self.capacity // 2
