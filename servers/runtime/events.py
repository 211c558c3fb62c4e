"""What a server did, as a notebook sees it: Event, and the log in which they arrive."""

import errno
import socket
import threading
from collections.abc import Iterable
from typing import NamedTuple

from servers.runtime import event_kinds, ring

MAX_RECORDS = 500_000  # kept in a log; older ones are forgotten
IPV4 = "::ffff:"  # before an IPv4 address where an IPv6 socket has it; its peers know it without


class Event(NamedTuple):
    """One call of a watched process, from its start to its end, in nanoseconds of time.monotonic_ns().

    A call that blocks appears first with end=None, when it begins, and again when it has ended, with the same pid, tid, kind
    and start. From start to end of a `receive`, an `accept`, a `wait`, or a `reap`, the thread was blocked. In a `pause` it waited
    for another thread or process of the server, or for a signal; one without length is the end of a job of a pool.

    bytes    received or sent; 0 received over TCP: the peer has left. Of a `wait`: how many descriptors were ready
    detail   bind, listen: the own address, of a UDP socket with /udp behind it. fork: the child's pid, with " program" behind
             it where the child runs one without the probe, and is handed no connection. reap: the child's pid and exit status.
             exit: the exit status, where it is known. Of a call that failed: the error's name, as ECONNRESET
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
    def status(self) -> int | None:
        """Exit status of the child that was reaped; negative for a signal."""
        return int(self.detail.split()[1]) if self.kind == "reap" and " " in self.detail else None


def written(address: tuple) -> str:
    """A socket's address as events name it: 127.0.0.1:6666, or [::1]:6666."""
    host, port = address[:2]  # of IPv6 there are two more
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def decode(pid: int, records: bytes) -> list[Event]:
    """The Events of a run of raw records (ring.RECORD) that process `pid` has written."""
    return [_event(pid, *fields) for fields in ring.RECORD.iter_unpack(records)]


def _event(pid, start, end, value, tid, peer, kind, number):
    place, port, family = ring.PEER.unpack(peer)
    name, peer, count, detail = event_kinds.NAMES[kind], "", 0, ""
    match name:
        case "fork":
            child, pid = value, int.from_bytes(place[:8], "little")
            tid, detail = int.from_bytes(place[8:], "little"), f"{child} program" if port else str(child)
        case "reap":
            status = int.from_bytes(place[:4], "little", signed=True)
            detail = f"{value} {status}" if value > 0 else ""
        case "exit":
            detail = "" if value == event_kinds.UNKNOWN else str(value)
        case "bind" | "listen":
            detail = _address(place, port, family) + ("/udp" if value == socket.SOCK_DGRAM else "")
        case _:
            peer = _address(place, port, family)
    if value < 0 and name != "exit":
        detail = f"{detail} {errno.errorcode.get(-value, 'error')}".strip()
    elif name in ("receive", "send", "wait"):
        count = value
    return Event(name, pid, tid, peer, start, end or None, count, detail)


def _address(place, port, family):
    if not family:
        return ""
    if family == 4:
        return f"{socket.inet_ntop(socket.AF_INET, place[:4])}:{port}"
    return written((socket.inet_ntop(socket.AF_INET6, place).removeprefix(IPV4), port))


class Log:
    """The events of one server in the order in which they came; written by the reading thread, read by anyone."""

    def __init__(self) -> None:
        self.lock = threading.Lock()  # held while records are added
        self.forgotten = 0  # records that had come, and were too old to keep
        self._chunks: list[tuple[int, int, bytes]] = []  # (number of the first record, pid, raw records)
        self._count = 0  # records that have come so far

    def add(self, pid: int, records: bytes) -> None:
        """Append raw records of process `pid`, and forget the oldest beyond MAX_RECORDS."""
        with self.lock:
            self._chunks.append((self._count, pid, records))
            self._count += len(records) // ring.SIZE
            while self._count - self.forgotten > MAX_RECORDS and len(self._chunks) > 1:
                self.forgotten = self._chunks[1][0]
                del self._chunks[0]

    def since(self, cursor: int) -> tuple[list[Event], int]:
        """(Events from record number `cursor` on, the cursor for the next time)."""
        with self.lock:
            chunks, count = list(self._chunks), self._count
        runs = []
        for first, pid, records in reversed(chunks):
            if cursor <= first:
                runs.append(decode(pid, records))
            else:
                runs.append(decode(pid, records[(cursor - first) * ring.SIZE :]))
                break
        return [event for run in reversed(runs) for event in run], count


def settled(events: Iterable[Event]) -> list[Event]:
    """Events by time; of a call that has begun and ended, the one with both; what a dead process was at ends with it."""
    events = list(events)
    exits = {event.pid: event.end for event in events if event.kind == "exit"}
    done = {(event.pid, event.tid, event.kind, event.start) for event in events if event.end is not None}
    found = []
    for event in events:
        if event.end is None:
            if (event.pid, event.tid, event.kind, event.start) in done:
                continue
            event = event._replace(end=exits.get(event.pid))
        found.append(event)
    return _unique_exits(sorted(found, key=lambda event: (event.end or event.start, event.start)))


def _unique_exits(events):
    """A process ends once: it may have noted that itself, and the supervisor too. Which of them knows the status, counts."""
    best = {}
    for event in events:
        if event.kind == "exit" and (event.pid not in best or (event.detail and not best[event.pid].detail)):
            best[event.pid] = event
    return [event for event in events if event.kind != "exit" or best[event.pid] is event]
