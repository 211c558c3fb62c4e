"""The data of a timeline, collected from a server's events and its clients' records while they run. Uses no widgets.

Times are nanoseconds of time.monotonic_ns(), as in events and records.
"""

import sys
import time
from collections import deque
from collections.abc import Iterable

import psutil

from clients.lab.lab_client import Record
from clients.lab.timeline.lanes import Lanes
from clients.lab.timeline.spans import Mark, Span, Update
from clients.lab.timeline.transcript import Transcript
from clients.lab.ui.durations import MS
from clients.lab.ui.seldom import Seldom
from servers.runtime import Server, process_tree
from servers.runtime.events import settled

SETTLE_NS = 100 * MS  # an event has arrived by then, on whichever path
QUIET = 0.12  # seconds without events after which a server counts as at rest
INSPECT_NS = 500 * MS  # between two checks of the process table
MAX_SPANS = MAX_MARKS = 100_000  # kept; older ones are dropped
MAX_UNREAD = 50_000  # events read at once; the oldest beyond that are skipped, which bounds time and memory
END = sys.maxsize  # a cursor past all events
ACTIVE = ("serving", "sending", "connecting", "queued", "waiting", "zombie")  # while such a span is open, the picture grows


class Recording:
    """The lanes of a server and its clients (a panel, or any iterable of clients) up to now."""

    def __init__(self, server: Server, clients: Iterable = ()):
        self.server = server
        self.clients = clients
        self.begin()

    def begin(self) -> None:
        """Start with an empty recording: in the beginning, and when the server was restarted."""
        self.pid = self.server.pid
        self.lanes = Lanes(self.names, self.server.kind or "tcp")
        self.spans: deque[Span] = deque(maxlen=MAX_SPANS)
        self.marks: deque[Mark] = deque(maxlen=MAX_MARKS)
        self.open: list[Span] = []
        self.origin = self.first = None  # times of the first event and of the first client
        self.latest = 0  # time of the last event
        self.ended = False
        self.skipped = 0  # number of events left out
        self._cursor = 0
        self._last_record: dict[str, Record] = {}
        self._inspected = 0
        self._look, self._unseen = Seldom(lambda: self.server.unseen), ""

    @property
    def title(self) -> str:
        return f"Timeline of {self.server.name}"

    @property
    def names(self) -> list[str]:
        return [client.name for client in self.clients]

    @property
    def losses(self) -> str:
        """What is missing from the recording, in words; empty if nothing is."""
        notes = [self.unseen] if self.unseen else []
        if self.server.dropped:
            notes.append(f"{self.server.dropped:,} events were lost")
        if self.skipped:
            notes.append(f"{self.skipped:,} events were left out: the server is too busy to show all it does")
        if len(self.spans) == MAX_SPANS or len(self.marks) == MAX_MARKS:
            notes.append("the oldest part is forgotten")
        if self.lanes.hidden:
            notes.append(f"{self.lanes.hidden} more lanes are not shown")
        return "; ".join(notes)

    @property
    def unseen(self) -> str:
        """What the recording cannot see of the server, in words. Checked only now and then, because it inspects every process."""
        if self.server.running:
            self._unseen = self._look(self.server.pid)
        return self._unseen

    @property
    def restarted(self) -> bool:
        """Whether the server has been restarted since `begin`."""
        return self.server.pid != self.pid

    def read(self, settled_at: int) -> Update:
        """Read new events and records, and settle what happened up to this moment."""
        if self.restarted:
            self.begin()
        running = self.server.running  # checked before reading: once it has ended, no more events come
        gap = self._skip()
        events, self._cursor = self.server.events_since(self._cursor)
        self._note_events(events)
        if self.origin is None:
            return Update()
        records = self._new_records()
        self._note_records(records)
        update = gap + self.lanes.feed(events, records, settled_at if running else None)
        if running and self._inspect_zombies(settled_at):
            update = update + self.lanes.feed(settled_at=settled_at)
        if not running and not self.ended:
            self.ended = True
            update = update + self.lanes.finish(self.latest)
        self.spans.extend(update.spans)
        self.marks.extend(update.marks)
        self.open = update.open
        return update

    def _skip(self) -> Update:
        """Skip the oldest unread events if there are too many. Spans open before the gap end where it begins."""
        count = self.server.events_since(END)[1]
        too_many = count - self._cursor - MAX_UNREAD
        if too_many <= 0:
            return Update()
        self.skipped += too_many
        self._cursor += too_many
        return self.lanes.interrupt(self.latest)

    def catch_up(self) -> Update:
        """Wait until all of the server's events up to now have arrived, and read them."""
        now = time.monotonic_ns()
        if self.server.running:
            self.server.sync()
            self._inspected = 0
        self._look.forget()
        self._unseen = ""
        return self.read(now)

    def extent(self) -> tuple[int, int]:
        """Return (start, end) of a picture of the whole run, without idle time before the first client and after the last event."""
        end = self.latest
        if not self.ended and any(span.kind in ACTIVE for span in self.open):
            end = time.monotonic_ns()
        start = self.origin or 0
        if self.first is not None and self.first - start > end - self.first:
            start = self.first - (end - self.first) // 12
        return start, end + max(100_000, (end - start) // 25)

    def transcript(self) -> Transcript:
        """Return the Transcript of the whole run so far, once the server is at rest or after three seconds."""
        cursor, before, deadline = 0, -1, time.monotonic() + 3
        while self.server.running and time.monotonic() < deadline:
            _, cursor = self.server.events_since(cursor)
            if cursor == before and all(map(process_tree.is_idle, self.server.pids())):
                break  # idle, too: without new events it may still be waiting for a CPU
            before = cursor
            time.sleep(QUIET)
        count = self.server.events_since(END)[1]
        events = self.server.events() if count <= MAX_UNREAD else settled(self.server.events_since(count - MAX_UNREAD)[0])
        notes = [self.unseen] if self.unseen else []
        if count > MAX_UNREAD:
            notes.append(f"the last {MAX_UNREAD:,} of {count:,} events")
        note = f"({'; '.join(notes)})" if notes else ""
        began = min((event.start for event in events), default=0)
        records = [record for client in self.clients for record in client.records.copy() if record.end >= began]
        return Transcript(events, records, self.names, self.server.kind or "tcp", note)

    def _note_events(self, events):
        if events and self.origin is None:
            self.origin = self.latest = min(event.start for event in events)
        for event in events:
            self.latest = max(self.latest, event.end or event.start)
            if event.peer and self.first is None:
                self.first = event.end or event.start

    def _note_records(self, records):
        for record in records:
            self.latest = max(self.latest, record.end)
            self.first = record.start if self.first is None else min(self.first, record.start)

    def _new_records(self):
        """Return the records since the last call, and a provisional one for each connection in progress."""
        found = []
        for client in self.clients:
            fresh, last = [], self._last_record.get(client.name)
            for record in reversed(client.records.copy()):
                if record is last or record.end < self.origin:  # it is from before this run of the server
                    break
                fresh.append(record)
            if fresh:
                self._last_record[client.name] = fresh[0]
            found += reversed(fresh)
            if client.state == "connecting" and client.local:
                found.append(Record(client.name, "connecting", client.since, client.since, 0, client.local))
        return found

    def _inspect_zombies(self, now):
        """Check the process table every INSPECT_NS for children that have exited unreaped. Return True if there are any."""
        if now - self._inspected < INSPECT_NS:
            return False
        self._inspected = now
        unreaped = self.lanes.unreaped(now - SETTLE_NS)
        for pid in unreaped:
            try:
                is_zombie = psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
            except psutil.Error:
                is_zombie = False
            self.lanes.inspected(pid, is_zombie, now)
        return bool(unreaped)
