"""The look of spans and marks, the same in the live view and in the stored picture. Colours are in clients/lab/ui/colours.py.

Patterns tell kinds of spans apart, so that the timeline is legible without colour.
"""

# solid, outline, hatch, dots, stripes, cross, dashes fill a bar; line, dotted and sparse are thin, for times when nothing happens
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

NEUTRAL_KINDS = ("accepting", "selecting", "reaping", "pausing", "zombie")  # for no single client

SHAPES_IN_LEGEND = {
    "ring": "asks",
    "disc": "is answered",
    "tick": "connects, closes",
    "square": "listens; is accepted",
    "diamond": "forks, reaps; starts",
    "cross": "ends",
}
