"""How spans and marks look: the same in the live view and in the stored picture. Colours are in clients/lab/ui/colours.py.

A kind of span has a pattern of its own, so that the timeline is legible without colour.
"""

# solid, outline, hatch, dots, stripes, cross, dashes fill a bar; line, dotted, and sparse are thin: nothing happens meanwhile
PATTERNS = {
    "accepting": "line",
    "selecting": "dotted",
    "receiving": "outline",
    "serving": "solid",
    "sending": "stripes",
    "reaping": "outline",
    "pausing": "sparse",
    "zombie": "cross",
    "connecting": "dashes",
    "queued": "hatch",
    "waiting": "dots",
    "idle": "line",
}

DASHES = {"dotted": (4, 7), "sparse": (2, 9)}  # in pixels: how long each dash of a thin bar is, and from one to the next
THIN_PATTERNS = {"line", *DASHES}

# The shape of a mark: what begins or listens, what is born, what ends, what is asked, what is answered
SHAPES = {
    "bind": "square", "listen": "square",
    "fork": "diamond", "reap": "diamond", "thread start": "diamond",
    "exit": "cross", "close": "tick", "shutdown": "tick", "thread end": "cross",
    "connects": "tick", "accepted": "square", "asks": "ring", "answered": "disc",
    "closes": "tick", "closed by server": "cross", "failed": "cross",
}  # fmt: skip

IN_BARS = {
    "queued": "in the backlog",
    "reaping": "waits for a child",
    "waiting": "waits for an answer",
    "zombie": "zombie",
    "connecting": "connecting",
}
IN_LEGEND = {
    "accepting": "waits for a client",
    "selecting": "waits for any client",
    "receiving": "waits for its client",
    "serving": "serves its client",
    "sending": "blocked while sending",
    "reaping": "waits for a child to end",
    "pausing": "waits for another thread",
    "zombie": "zombie: not reaped",
    "connecting": "connecting",
    "queued": "not accepted yet: backlog",
    "waiting": "waits for an answer",
    "idle": "connected",
}

NEUTRAL_KINDS = ("accepting", "selecting", "reaping", "pausing", "zombie")  # they concern no single client

SHAPES_IN_LEGEND = {
    "ring": "asks",
    "disc": "is answered",
    "tick": "connects, closes",
    "square": "listens; is accepted",
    "diamond": "forks, reaps; starts",
    "cross": "ends",
}
