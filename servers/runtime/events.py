"""What a server did, as a notebook sees it: Event, and the Log that collects them."""

import errno
import socket
import threading
from collections.abc import Iterable
from typing import NamedTuple

from servers.runtime import event_kinds, ring

MAX_RECORDS = 500_000  # kept in a log; older ones are discarded
IPV4 = "::ffff:"  # prefix of an IPv4 address on an IPv6 socket; its peers see the address without it


class Event(NamedTuple):
    """One call of a watched process, from its start to its end, in nanoseconds of time.monotonic_ns().

    A blocking call appears first with end=None, when it begins, and again when it has ended, with the same pid, tid, kind and
    start. During a `receive`, an `accept`, a `wait` or a `reap`, the thread was blocked. During a `pause` it waited for another
    thread or process of the server, or for a signal; a pause of zero length marks the end of a pool's job.

    bytes    received or sent; 0 received over TCP means that the peer has left. For a `wait`: how many descriptors were ready
    detail   bind, listen: the local address, followed by /udp for a UDP socket. fork: the child's pid, followed by " program"
             if the child runs a new program and gets no connection. reap: the child's pid and exit status.
             exit: the exit status, if known. A call that failed: the error's name, such as ECONNRESET
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
        """The exit status of the reaped child; negative for a signal."""
        return int(self.detail.split()[1]) if self.kind == "reap" and " " in self.detail else None


def written(address: tuple) -> str:
    """Return a socket's address as events write it: 127.0.0.1:6666, or [::1]:6666."""
    host, port = address[:2]  # an IPv6 address has two more fields
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def decode(pid: int, records: bytes) -> list[Event]:
    """Return the Events in a run of raw records (ring.RECORD) written by process `pid`."""
    return [_event(pid, *fields) for fields in ring.RECORD.iter_unpack(records)]


def _event(pid, start, end, value, tid, peer, kind, number):
    place, port, family = ring.PEER.unpack(peer)
    name, peer, count, detail = event_kinds.NAMES[kind], "", 0, ""
    match name:
        case "fork":
            child, pid = value, int.from_bytes(place[:8], "little")
            tid, detail = int.from_bytes(place[8:], "little"), f"{child} program" if port == ring.PROGRAM else str(child)
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
    """The events of one server in order of arrival; written by the reading thread, read by any thread."""

    def __init__(self) -> None:
        self.lock = threading.Lock()  # held while records are added
        self.forgotten = 0  # records discarded because they were too old
        self._chunks: list[tuple[int, int, bytes]] = []  # (number of the first record, pid, raw records)
        self._count = 0  # records received so far

    def add(self, pid: int, records: bytes) -> None:
        """Append raw records of process `pid`, and discard the oldest beyond MAX_RECORDS."""
        with self.lock:
            self._chunks.append((self._count, pid, records))
            self._count += len(records) // ring.SIZE
            while self._count - self.forgotten > MAX_RECORDS and len(self._chunks) > 1:
                self.forgotten = self._chunks[1][0]
                del self._chunks[0]

    def knows(self, peer: bytes) -> bool:
        """Whether a record tells of this peer, given as a record holds it, or may have done so."""
        with self.lock:
            chunks = list(self._chunks)
        return self.forgotten > 0 or any(peer in records for _, _, records in reversed(chunks))

    def since(self, cursor: int) -> tuple[list[Event], int]:
        """Return (the Events from record number `cursor` on, the cursor for the next call)."""
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
    """Return the events in time order, one per call: the complete one if the call has ended. A process's exit ends its open calls."""
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
    """Keep one exit per process: it may have been recorded by the process and by the supervisor; prefer the one with a status."""
    best = {}
    for event in events:
        if event.kind == "exit" and (event.pid not in best or (event.detail and not best[event.pid].detail)):
            best[event.pid] = event
    return [event for event in events if event.kind != "exit" or best[event.pid] is event]
