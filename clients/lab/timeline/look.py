"""The look of spans and marks, the same in the live view and in the stored picture. Colours are in clients/lab/ui/colours.py.

Patterns tell kinds of spans apart, so that the timeline is legible without colour.
"""

from typing import NamedTuple


class Look(NamedTuple):
    """The look of a kind of span, and its texts."""

    # solid, outline, hatch, dots, stripes, cross, dashes fill a bar; line, dotted and sparse are thin, for times when nothing happens
    pattern: str
    legend: str
    text: str = ""  # in its bar, where there is room
    neutral: bool = False  # for no single client


LOOKS = {
    "accepting": Look("line", "waits for a client", neutral=True),
    "selecting": Look("dotted", "waits for any client", neutral=True),
    "receiving": Look("outline", "waits for its client"),
    "serving": Look("solid", "serves its client"),
    "sending": Look("stripes", "blocked while sending"),
    "reaping": Look("outline", "waits for a child to end", "waits for a child", neutral=True),
    "pausing": Look("sparse", "waits for another thread", neutral=True),
    "zombie": Look("cross", "zombie: not reaped", "zombie", neutral=True),
    "connecting": Look("dashes", "connecting", "connecting"),
    "queued": Look("hatch", "not accepted yet: backlog", "in the backlog"),
    "waiting": Look("dots", "waits for an answer", "waits for an answer"),
    "idle": Look("line", "connected"),
}

DASHES = {"dotted": (4, 7), "sparse": (2, 9)}  # of a thin bar, in pixels: (length of a dash, distance between starts)
THIN_PATTERNS = {"line", *DASHES}

# The shape of each kind of mark
SHAPES = {
    "bind": "square", "listen": "square",
    "fork": "diamond", "reap": "diamond", "thread start": "diamond",
    "exit": "cross", "close": "tick", "shutdown": "tick", "thread end": "cross",
    "connects": "tick", "accepted": "square", "asks": "ring", "answered": "disc",
    "closes": "tick", "closed by server": "cross", "failed": "cross",
}  # fmt: skip

SHAPES_IN_LEGEND = {
    "ring": "asks",
    "disc": "is answered",
    "tick": "connects, closes",
    "square": "listens; is accepted",
    "diamond": "forks, reaps; starts",
    "cross": "ends",
}
