"""What a watched server and its clients did, as lanes of spans and marks. Uses no widgets and reads no sockets."""

from collections.abc import Iterable

from clients.lab.lab_client import Record
from clients.lab.timeline.client_lanes import ClientLanes
from clients.lab.timeline.reordering import Reordering
from clients.lab.timeline.server_lanes import ServerLanes
from clients.lab.timeline.spans import Sheet, Update
from servers.runtime.events import Event


class Lanes:
    """Build lanes from events and records. Feeding them piece by piece gives the same result as feeding all at once.

    names: clients that have a lane from the start. kind: "tcp" or "udp".
    """

    def __init__(self, names: Iterable[str] = (), kind: str = "tcp"):
        self._sheet = Sheet()
        self.lanes = self._sheet.lanes  # all lanes, by number
        self._clients = ClientLanes(self._sheet, names, kind)
        self._server = ServerLanes(self._sheet, self._clients, kind)
        self._held = Reordering()
        self.unreaped = self._server.unreaped
        self.inspected = self._server.inspected

    @property
    def hidden(self) -> int:
        """The number of lanes left out because there are too many."""
        return self._sheet.hidden

    def feed(self, events: Iterable[Event] = (), records: Iterable[Record] = (), settled_at: int | None = None) -> Update:
        """Take in events of the server and records of its clients; return what is new.

        settled_at: hold back what happened later, because something earlier may still arrive (None: hold back nothing).
        """
        for event in events:
            at = event.start if event.kind == "fork" else event.end or event.start  # the child reports the fork, late
            self._held.hold(at, (self._event, event))
        for record in records:
            for at, fact in self._clients.moments(record):
                self._held.hold(at, fact)
        for at, (take, fact) in self._held.release(settled_at):
            take(at, fact)
        return self._taken()

    def interrupt(self, at: int) -> Update:
        """End the open spans: events are missing from this moment on (nanoseconds), so no span may cross the gap."""
        before = self.feed()
        self._server.interrupt(at)
        self._clients.interrupt(at)
        return before + self._taken()

    def finish(self, at: int) -> Update:
        """End all open spans: the server has ended at this moment (nanoseconds)."""
        self._server.finish(at)
        self._clients.finish(at)
        return self._taken()

    def _event(self, _, event):
        self._server.event(event)

    def _taken(self):
        update = self._sheet.take()
        spans = [span for span in self._server.open() + self._clients.open() if span.lane is not None]
        update.open = sorted(spans, key=lambda span: (span.lane, span.start))
        return update
