"""What a server did, as a notebook sees it: Event, and the log in which they arrive."""

import errno
import socket
import threading
from typing import NamedTuple

from servers.runtime import kinds, ring

KEPT = 500_000  # records; older ones are forgotten, and counted as dropped


class Event(NamedTuple):
    """One call of a watched process, from its start to its end, in nanoseconds of time.monotonic_ns().

    A call that blocks appears first with end=None, when it begins, and again when it has ended, with the same pid, tid, kind
    and start. From start to end of a `receive`, an `accept`, a `wait`, or a `reap`, the thread was blocked.

    bytes    received or sent; 0 received over TCP: the peer has left. Of a `wait`: how many descriptors were ready
    detail   bind, listen: the own address, of a UDP socket with /udp behind it. fork: the child's pid. reap: the child's pid
             and exit status. exit: the exit status, where it is known. Of a call that failed: the error's name, as ECONNRESET
    """

    kind: str
    pid: int
    tid: int
    peer: str
    start: int
    end: int | None
    bytes: int = 0
    detail: str = ""

    @property
    def status(self):
        """Exit status of the child that was reaped; negative for a signal."""
        return int(self.detail.split()[1]) if self.kind == "reap" and " " in self.detail else None


def address(place, port, family):
    if not family:
        return ""
    if family == 4:
        return f"{socket.inet_ntop(socket.AF_INET, place[:4])}:{port}"
    return f"[{socket.inet_ntop(socket.AF_INET6, place)}]:{port}"


def decode(pid, records):
    """The Events of a run of raw records."""
    return [event(pid, *fields) for fields in ring.RECORD.iter_unpack(records)]


def event(pid, start, end, value, tid, peer, kind, number):
    place, port, family = ring.PEER.unpack(peer)
    name, peer, count, detail = kinds.NAMES[kind], "", 0, ""
    match name:
        case "fork":
            child, pid = value, int.from_bytes(place[:8], "little")
            tid, detail = int.from_bytes(place[8:], "little"), str(child)
        case "reap":
            status = int.from_bytes(place[:4], "little", signed=True)
            detail = f"{value} {status}" if value > 0 else ""
        case "exit":
            detail = "" if value == kinds.UNKNOWN else str(value)
        case "bind" | "listen":
            detail = address(place, port, family) + ("/udp" if value == socket.SOCK_DGRAM else "")
        case _:
            peer = address(place, port, family)
    if value < 0 and name != "exit":
        detail = f"{detail} {errno.errorcode.get(-value, 'error')}".strip()
    elif name in ("receive", "send", "wait"):
        count = value
    return Event(name, pid, tid, peer, start, end or None, count, detail)


class Log:
    """The events of one server in the order in which they came; written by the reading thread, read by anyone."""

    def __init__(self):
        self.chunks = []  # (number of the first record, pid, raw records)
        self.count = 0  # records that have come so far
        self.forgotten = 0
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)

    def add(self, pid, records):
        with self.changed:
            self.chunks.append((self.count, pid, records))
            self.count += len(records) // ring.SIZE
            while self.count - self.forgotten > KEPT and len(self.chunks) > 1:
                self.forgotten = self.chunks[1][0]
                del self.chunks[0]
            self.changed.notify_all()

    def since(self, cursor):
        """(Events from record number `cursor` on, the cursor for the next time)."""
        with self.lock:
            chunks, count = list(self.chunks), self.count
        found = []
        for first, pid, records in reversed(chunks):
            if cursor <= first:
                found.append(decode(pid, records))
            else:
                found.append(decode(pid, records[(cursor - first) * ring.SIZE :]))
                break
        return [one for run in reversed(found) for one in run], count

    def settled(self):
        """All events by time; of a call that has begun and ended, the one with both; what a dead process was at ends with it."""
        events, _ = self.since(0)
        exits = {one.pid: one.end for one in events if one.kind == "exit"}
        done = {(one.pid, one.tid, one.kind, one.start) for one in events if one.end is not None}
        settled = []
        for one in events:
            if one.end is None:
                if (one.pid, one.tid, one.kind, one.start) in done:
                    continue
                one = one._replace(end=exits.get(one.pid))
            settled.append(one)
        return unique_exits(sorted(settled, key=lambda one: (one.end or one.start, one.start)))


def unique_exits(events):
    """A process ends once: it may have noted that itself, and the guardian too. Which of them knows the status, counts."""
    best = {}
    for one in events:
        if one.kind == "exit" and (one.pid not in best or (one.detail and not best[one.pid].detail)):
            best[one.pid] = one
    return [one for one in events if one.kind != "exit" or best[one.pid] is one]
