"""Which clients a watched server has accepted, according to its events."""

import threading


class Accepts:
    """The time at which a watched server accepted each client. All clients of a server can share one instance."""

    def __init__(self, server):
        self.server = server
        self._pid = None
        self._cursor = 0
        self._when = {}
        self._blocked = set()  # (pid, tid) of threads that wait for clients
        self._first = {}  # (pid, tid) -> the thread's first event: `accept` or `wait`
        self._lock = threading.Lock()

    def since(self, local, start):
        """Return whether the client at address local has been accepted since start; None if the server is not watched."""
        if not self.server.watch:
            return None
        self._update()
        return self._when.get(local, 0) >= start  # an earlier client may have had the same port

    def free(self):
        """Return whether the server is blocked waiting for clients, so that it will accept a new connection at once."""
        self._update()
        return bool(self._blocked)

    def _update(self):
        """Read the events since the last call; after a restart of the server, start from the first event again."""
        with self._lock:  # a timeline asks for states from its own thread
            if self._pid != self.server.pid:
                self._pid, self._cursor, self._blocked, self._first = self.server.pid, 0, set(), {}
            events, self._cursor = self.server.events_since(self._cursor)
            for event in events:
                self._note(event)

    def _note(self, event):
        if event.kind in ("accept", "wait"):
            thread = event.pid, event.tid
            first = self._first.setdefault(thread, event.kind)  # a thread that first accepts waits later for one client only
            change = self._blocked.add if event.end is None and event.kind in ("accept", first) else self._blocked.discard
            change(thread)
        if event.kind == "exit":
            self._blocked = {(pid, tid) for pid, tid in self._blocked if pid != event.pid}
        if event.kind == "accept" and event.peer and event.end is not None:
            self._when[event.peer] = event.end
