"""Which clients a watched server has accepted, as its events tell."""

import threading


class Accepts:
    """When a watched server accepted which client. All clients of a server share one."""

    def __init__(self, server):
        self.server = server
        self._pid = None
        self._cursor = 0
        self._when = {}
        self._blocked = set()  # (pid, tid) of threads that wait for clients
        self._first = {}  # (pid, tid) -> how the thread began: with `accept` or `wait`
        self._lock = threading.Lock()

    def since(self, local, start):
        """Has the client at address local been accepted since start? None when the server is not watched."""
        if not self.server.watch:
            return None
        self._update()
        return self._when.get(local, 0) >= start  # an earlier client may have had the same port

    def free(self):
        """Is the server blocked in a call that waits for clients? Then it is about to accept whoever has connected."""
        self._update()
        return bool(self._blocked)

    def _update(self):
        """Read the events that arrived since the last time; a server that was restarted counts them anew."""
        with self._lock:  # a timeline asks for states on a thread of its own
            if self._pid != self.server.pid:
                self._pid, self._cursor, self._blocked, self._first = self.server.pid, 0, set(), {}
            events, self._cursor = self.server.events_since(self._cursor)
            for event in events:
                self._note(event)

    def _note(self, event):
        if event.kind in ("accept", "wait"):
            thread = event.pid, event.tid
            first = self._first.setdefault(thread, event.kind)  # who accepts without waiting waits later for one client alone
            change = self._blocked.add if event.end is None and event.kind in ("accept", first) else self._blocked.discard
            change(thread)
        if event.kind == "exit":
            self._blocked = {(pid, tid) for pid, tid in self._blocked if pid != event.pid}
        if event.kind == "accept" and event.peer and event.end is not None:
            self._when[event.peer] = event.end
