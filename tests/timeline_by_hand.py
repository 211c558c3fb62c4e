"""A server and its clients made by hand, for tests of the timeline: the loop model, Ann, and Ben who has to wait."""

from clients.lab.lab_client import Record
from servers.runtime.events import Event

MS = 1_000_000
ANN, BEN = "127.0.0.1:50001", "127.0.0.1:50002"


def event(kind, start, end=None, peer="", bytes=0, detail="", pid=1, tid=1):
    return Event(kind, pid, tid, peer, start * MS, None if end is None else end * MS, bytes, detail)


def record(client, kind, start, end=None, bytes=6):
    return Record(client, kind, start * MS, (start if end is None else end) * MS, bytes, {"Ann": ANN, "Ben": BEN}[client])


def loop_with_two_clients():
    """A loop server serves Ann, while Ben, who has connected and asked, waits in the backlog; then it serves Ben."""
    events = [
        event("bind", 0, 0, detail="127.0.0.1:6666"),
        event("listen", 1, 1, detail="127.0.0.1:6666"),
        event("accept", 2, 10, ANN),
        event("receive", 11, 20, ANN, 6),
        event("send", 25, 25, ANN, 6),
        event("receive", 26, 60, ANN, 0),
        event("close", 61, 61, ANN),
        event("accept", 62, 63, BEN),
        event("receive", 64, 65, BEN, 6),
        event("send", 70, 70, BEN, 6),
        event("receive", 71, None, BEN),
    ]
    records = [
        record("Ann", "connect", 9, 10),
        record("Ann", "send", 19, 20),
        record("Ann", "answer", 19, 26),
        record("Ben", "connect", 30, 31),
        record("Ben", "send", 40, 41),
        record("Ann", "close", 59, 60),
        record("Ben", "answer", 40, 71),
    ]
    return events, records


class HandMadeServer:
    """Enough of a Server for a timeline."""

    name, kind, pid, running, dropped, unseen = "tcp_loop", "tcp", 1, False, 0, ""

    def __init__(self, events):
        self._events = events

    def events(self):
        return self._events

    def pids(self):
        return []

    def events_since(self, cursor):
        return self._events[cursor:], len(self._events)


class HandMadeClient:
    """Enough of a LabClient for a timeline."""

    state = "connected"

    def __init__(self, name, records):
        self.name = name
        self.records = [record for record in records if record.client == name]
