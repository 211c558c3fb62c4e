"""What a timeline shows, gathered while it happens: reads a server's events and its clients' records. Knows no widget."""

import time
from collections import deque

import psutil

from clients.lab.lab_client import Record
from clients.lab.timeline.lanes import Lanes, Update
from clients.lab.timeline.picture import Picture
from clients.lab.timeline.transcript import Story

SETTLE = 100 * 1_000_000  # nanoseconds: by then the server's news has come, whichever way it took
QUIET = 0.12  # seconds without news after which a server is taken to be at rest
INSPECT = 500 * 1_000_000  # nanoseconds between two looks at the process table
KEPT = 100_000  # spans, and marks; older ones are forgotten
ACTIVE = ("serving", "sending", "connecting", "queued", "waiting", "zombie")  # while one goes on, the picture grows


class Recording:
    """The lanes of a server and its clients (a panel, or any iterable of clients) up to now."""

    def __init__(self, server, clients=()):
        self.server = server
        self.clients = clients
        self.begin()

    def begin(self):
        """Start from nothing: at first, and when the server was started anew."""
        self.pid = self.server.pid
        self.lanes = Lanes(self.names, self.server.kind or "tcp")
        self.spans, self.marks, self.open = deque(maxlen=KEPT), deque(maxlen=KEPT), []
        self.origin = self.first = None  # the first event, the first client
        self.latest = 0  # the last event
        self.over = False
        self._cursor = 0
        self._last_record = {}
        self._inspected = 0

    @property
    def title(self):
        return f"Timeline of {self.server.name}"

    @property
    def names(self):
        """The clients' names."""
        return [client.name for client in self.clients]

    @property
    def losses(self):
        """What is missing, in words; empty when nothing is."""
        notes = [f"{self.server.dropped} events were lost"] if self.server.dropped else []
        if len(self.spans) == KEPT or len(self.marks) == KEPT:
            notes.append("the oldest part is forgotten")
        if self.lanes.hidden:
            notes.append(f"{self.lanes.hidden} more lanes are not shown")
        return "; ".join(notes)

    @property
    def restarted(self):
        """Has the server been started anew since `begin`?"""
        return self.server.pid != self.pid

    def read(self, until):
        """Take in what is new, as far as `until` (time.monotonic_ns). Returns an Update."""
        if self.restarted:
            self.begin()
        running = self.server.running  # asked before the events are: after the end there are no more
        events, self._cursor = self.server.events_since(self._cursor)
        self._note_events(events)
        if self.origin is None:
            return Update()
        records = self._new_records()
        self._note_records(records)
        update = self.lanes.feed(events, records, until if running else None)
        if running and self._inspect_zombies(until):
            update = update + self.lanes.feed(until=until)
        if not running and not self.over:
            self.over = True
            update = update + self.lanes.finish(self.latest)
        self.spans.extend(update.spans)
        self.marks.extend(update.marks)
        self.open = update.open
        return update

    def catch_up(self):
        """Read all that has happened until now, and wait the moment that this takes. Returns an Update."""
        now = time.monotonic_ns()
        if self.server.running:
            time.sleep(SETTLE / 1e9)
            self._inspected = 0
        return self.read(now)

    def extent(self):
        """(start, end) of a picture of everything, less the idle time before the first client and after the last event."""
        end = self.latest
        if not self.over and any(span.kind in ACTIVE for span in self.open):
            end = time.monotonic_ns()
        start = self.origin or 0
        if self.first is not None and self.first - start > end - self.first:
            start = self.first - (end - self.first) // 12
        return start, end + max(100_000, (end - start) // 25)

    def picture(self, last=None, start=None, end=None):
        """A Picture of all of it, of the last seconds of it, or from start to end (seconds on its axis)."""
        begin, until = self.extent()
        origin = self.origin or 0
        if end is not None:
            until = origin + int(end * 1e9)
        if start is not None:
            begin = origin + int(start * 1e9)
        elif last is not None:
            begin = until - int(last * 1e9)
        lanes = [lane for lane in self.lanes.lanes if lane.born is None or lane.born <= until]
        spans = [*self.spans, *self.open]
        return Picture(self.title, lanes, spans, self.marks, origin, begin, until, self.losses)

    def story(self):
        """The Story of all that has happened, as soon as the server is at rest; that may take a second at most."""
        cursor, before, deadline = 0, -1, time.monotonic() + 1
        while self.server.running and time.monotonic() < deadline:
            _, cursor = self.server.events_since(cursor)
            if cursor == before:
                break
            before = cursor
            time.sleep(QUIET)
        events = self.server.events()
        began = min((event.start for event in events), default=0)
        records = [record for client in self.clients for record in client.records.copy() if record.end >= began]
        return Story(events, records, self.names, self.server.kind or "tcp")

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
        """Records that came since the last call, and a provisional one for each connection under way."""
        found = []
        for client in self.clients:
            fresh, last = [], self._last_record.get(client.name)
            for record in reversed(client.records.copy()):
                if record is last or record.end < self.origin:  # before this run of the server
                    break
                fresh.append(record)
            if fresh:
                self._last_record[client.name] = fresh[0]
            found += reversed(fresh)
            if client.state == "connecting" and client.local:
                found.append(Record(client.name, "connecting", client.since, client.since, 0, client.local))
        return found

    def _inspect_zombies(self, now):
        """Now and then, ask the process table about children that have exited and were not reaped. True if there are any."""
        if now - self._inspected < INSPECT:
            return False
        self._inspected = now
        unreaped = self.lanes.unreaped(now - SETTLE)
        for pid in unreaped:
            try:
                is_zombie = psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
            except psutil.Error:
                is_zombie = False
            self.lanes.inspected(pid, is_zombie, now)
        return bool(unreaped)
