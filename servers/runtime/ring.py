"""The memory through which a watched family of processes tells what it does: one ring of records for each process.

The guardian makes one anonymous shared mapping before it forks the server. Every process of the family inherits it, without
a descriptor and without a file, and writes its own ring; only the guardian reads. Writing is one `pack_into`, no system call:
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
WORDS = SIZE // 8
LARGE, SMALL, CHILDREN = 65_536, 2_048, 2_047  # records in the first ring, in each other; number of the others
RINGS = 1 + CHILDREN
TABLE = (RINGS + 1) * 8  # the owners, and one word that counts the records of processes that found no ring
KIND = 51  # the byte of a record that says its kind


def create():
    """An empty mapping, 260 MiB of addresses; only pages that are written cost memory."""
    return mmap.mmap(-1, TABLE + (LARGE + CHILDREN * SMALL) * SIZE)


def place(index):
    """(first byte, number of records) of a ring."""
    return (TABLE, LARGE) if index == 0 else (TABLE + (LARGE + (index - 1) * SMALL) * SIZE, SMALL)


def claim(memory, first=False):
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


def count_lost(memory):
    """What a process without a ring does with its records."""
    memoryview(memory)[:TABLE].cast("Q")[RINGS] += 1


class Reader:
    """The guardian's side of one ring."""

    def __init__(self, memory, index, pid):
        self.index, self.pid = index, pid
        self.offset, self.capacity = place(index)
        self.bytes = memoryview(memory)[self.offset : self.offset + self.capacity * SIZE]
        self.words = self.bytes.cast("Q")
        self.next = 1  # number of the record to read next
        self.dropped = 0
        self.exited = False  # the owner has noted its exit

    def numbers(self, limit):
        """The last words of the records from `next` on, as far as the ring's end or `limit`."""
        first = self.next % self.capacity
        last = min(first + limit, self.capacity)
        return self.words[first * WORDS + WORDS - 1 : last * WORDS : WORDS].tolist()

    def read(self, limit=4096):
        """The bytes of all whole records that have come, up to `limit`. What was overwritten unread is counted in `dropped`."""
        while True:
            first = self.next % self.capacity
            there = self.words[first * WORDS + WORDS - 1]
            if there < self.next:
                return b""
            if there > self.next:  # the writer has lapped us
                self.catch_up(there)
                continue
            whole = 0
            for number in self.numbers(limit):
                if number != self.next + whole:
                    break
                whole += 1
            records = bytes(self.bytes[first * SIZE : (first + whole) * SIZE])
            if self.words[first * WORDS + WORDS - 1] == self.next:  # not lapped while we copied
                self.next += whole
                return records

    def give_up(self):
        """Count what is left unread as dropped; it may lie behind a record that a dying thread never wrote."""
        newest = max(self.words[WORDS - 1 :: WORDS].tolist())
        self.dropped += max(0, newest + 1 - self.next)
        self.next = max(self.next, newest + 1)

    def clear(self):
        """Make the ring as new, for its next owner."""
        used = min(self.next, self.capacity) * SIZE
        self.bytes[:used] = bytes(used)

    def catch_up(self, number):
        """Skip what record `number` and those before it have overwritten, and half a lap more, to have time."""
        self.dropped += number - self.next - self.capacity // 2
        self.next = number - self.capacity // 2
