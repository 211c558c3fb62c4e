"""The parts of a timeline: lanes, spans and marks, and the sheet on which both sides write them.

A lane is a row of the picture: a thread of the server, or a client. A span is a period of one activity in a lane, a mark a single
moment. All times are nanoseconds of time.monotonic_ns(), as in the events and records from which they come.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

# The text of each kind of span. "{client}" is the client that it concerns.
SPAN_KINDS = {
    "accepting": "waits for a client",
    "selecting": "waits for any client",
    "receiving": "waits for {client}",
    "serving": "serves {client}",
    "sending": "waits for {client} to take its bytes",
    "reaping": "waits for a child to end",
    "pausing": "waits for another thread or process, or for a signal",
    "zombie": "has ended, not reaped: a zombie",
    "connecting": "is connecting",
    "queued": "is connected, not accepted yet: in the backlog",
    "waiting": "waits for an answer",
    "idle": "is connected",
}

# The text of each kind of mark. "{detail}" is a child's pid or a number of bytes.
MARK_KINDS = {
    "bind": "binds its address",
    "listen": "listens",
    "fork": "forks child {detail}",
    "reap": "reaps child {detail}",
    "exit": "exits",
    "close": "closes its socket to {client}",
    "shutdown": "ends the conversation with {client}",
    "thread start": "starts",
    "thread end": "ends",
    "connects": "connects",
    "accepted": "is accepted",
    "asks": "asks ({detail} bytes)",
    "answered": "is answered ({detail} bytes)",
    "closes": "closes",
    "closed by server": "is closed by the server",
    "failed": "fails",
}

NOBODY = -1  # no client, in place of a client's lane
MAX_LANES = 64  # per side: a picture with more would be unreadable
MAX_REMEMBERED = 10_000  # clients, or processes that have ended


class Span(NamedTuple):
    """One activity in a lane from start to end; end is None while the span is open."""

    lane: int | None  # None: a hidden lane, see MAX_LANES
    kind: str
    client: int | None  # the lane of the client that it concerns, or NOBODY
    start: int
    end: int | None
    received: int = 0  # bytes
    sent: int = 0


class Mark(NamedTuple):
    """A single moment in a lane."""

    lane: int
    kind: str
    client: int | None
    at: int
    detail: int = 0


@dataclass
class Lane:
    """A row of the picture."""

    number: int
    side: str  # "server" or "client"
    label: str
    role: str  # "server", "child", "thread", "client" (with a name) or "peer" (known by its address alone)
    place: int  # index among the lanes of its side; it determines a client's colour
    parent: int | None = None  # the lane to which it belongs
    born: int | None = None
    ended: int | None = None


@dataclass
class Update:
    """The result of one reading: `lanes` are the new or changed ones, `open` all open spans."""

    lanes: list[Lane] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    open: list[Span] = field(default_factory=list)

    def __add__(self, later: "Update") -> "Update":
        return Update(self.lanes + later.lanes, self.spans + later.spans, self.marks + later.marks, later.open)


def in_rows(lanes: Iterable[Lane]) -> list[Lane]:
    """Return the lanes from top to bottom: each process with its threads below it, then the clients."""
    lanes = list(lanes)
    server = [lane for lane in lanes if lane.side == "server"]
    processes = [lane for lane in server if lane.parent is None or lane.role == "child"]
    rows = []
    for process in processes:
        rows += [process, *(lane for lane in server if lane not in processes and lane.parent == process.number)]
    return rows + [lane for lane in lanes if lane.side == "client"]


def remember(things: dict, key, thing) -> None:
    """Store a thing under a key; beyond MAX_REMEMBERED, forget the one stored longest ago."""
    things.pop(key, None)
    things[key] = thing
    if len(things) > MAX_REMEMBERED:
        del things[next(iter(things))]


class Sheet:
    """All lanes, and the spans and marks that both sides have written since the last `take`."""

    def __init__(self):
        self.lanes: list[Lane] = []
        self.hidden = 0  # lanes left out, see MAX_LANES
        self._update = Update()

    def new_lane(self, side: str, label: str, role: str, parent: int | None = None, born: int | None = None) -> int | None:
        """Create a lane and return its number; None if there are too many already."""
        place = sum(lane.side == side for lane in self.lanes)
        if place >= MAX_LANES:
            self.hidden += 1
            return None
        lane = Lane(len(self.lanes), side, label, role, place, parent, born)
        self.lanes.append(lane)
        self._update.lanes.append(lane)
        return lane.number

    def end_lane(self, number: int | None, at: int) -> None:
        """End this lane, unless it has ended already."""
        if number is not None and self.lanes[number].ended is None:
            self.lanes[number].ended = at
            self._update.lanes.append(self.lanes[number])

    def span(self, span: Span) -> None:
        """Add a span, unless its lane is hidden or it took no time."""
        if span.lane is not None and span.end is not None and span.end > span.start:
            self._update.spans.append(span)

    def mark(self, lane: int | None, kind: str, at: int, client: int | None = NOBODY, detail: int = 0) -> None:
        """Add a mark, unless its lane is hidden."""
        if lane is not None:
            self._update.marks.append(Mark(lane, kind, client, at, detail))

    def take(self) -> Update:
        """Return what was written since the last call."""
        update, self._update = self._update, Update()
        return update
