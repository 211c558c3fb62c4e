"""The timeline of a server and its clients: live in JupyterLab, a picture in a stored notebook, a story in plain words."""

import base64
import struct
import threading
import time
from pathlib import Path

import anywidget

from clients.lab.timeline import picture
from clients.lab.timeline.lanes import KINDS, MARKS, Update
from clients.lab.timeline.recording import ACTIVE, SETTLE, Recording
from clients.lab.ui.colours import PALETTE

PAUSE = 0.02  # seconds between two messages to the views
PULSE = 1  # seconds after which a view hears of us even if nothing happens
PATIENCE = 20  # seconds that a view may be silent before it counts as gone; a busy cell keeps us from hearing it

SPAN = struct.Struct("<ddIIHhBxxx")  # start, end (NaN: goes on), received, sent, lane, client, kind
MARK = struct.Struct("<diHhBxxx")  # at, detail, lane, client, kind
MOST = 2**31 - 1  # what a field for bytes holds
SPAN_NUMBER = {kind: number for number, kind in enumerate(KINDS)}
MARK_NUMBER = {kind: number for number, kind in enumerate(MARKS)}

LOOK = {
    "kinds": [
        {
            "says": says,
            "pattern": picture.PATTERNS[kind],
            "legend": picture.IN_LEGEND[kind],
            "text": picture.IN_BARS.get(kind, ""),
            "active": kind in ACTIVE,
            "neutral": kind in picture.NEUTRAL_KINDS,
        }
        for kind, says in KINDS.items()
    ],
    "marks": [{"says": says, "shape": picture.SHAPES[kind]} for kind, says in MARKS.items()],
    "shapes": picture.SHAPES_IN_LEGEND,
    "palette": PALETTE,
}


class Timeline(anywidget.AnyWidget):
    """What a server and its clients do, over time: `Timeline(server, panel)` as the last expression of a cell shows it.

    panel: a ClientPanel, or a list of clients; the server's other clients have a lane each by their address.
    `timeline.story()` tells the same in words, `timeline.picture(last=2)` draws the last two seconds.
    """

    _esm = Path(__file__).with_name("widget.js")

    def __init__(self, server, panel=None):
        super().__init__()
        self.recording = Recording(server, () if panel is None else panel)
        self._guard = threading.RLock()  # the recording is read by cells and by the thread that keeps the views up to date
        self._unsent = Update()
        self._messages = 0
        self._sent_open = []
        self._wants_snapshot = False
        self._heard = self._said = 0.0
        self._keeper = None
        self.on_msg(self._on_message)

    @property
    def server(self):
        return self.recording.server

    def story(self):
        """What happened, lane by lane, in plain words without anything that differs from run to run."""
        return self.recording.story()

    def picture(self, last=None, start=None, end=None):
        """The timeline as a Picture: all of it, its last seconds, or from start to end (seconds on its axis)."""
        with self._guard:
            self._read(self.recording.catch_up)
            return self.recording.picture(last, start, end)

    def __repr__(self):
        names = self.recording.names
        return self.recording.title + (f": clients {', '.join(names)}" if names else "")

    def _repr_mimebundle_(self, **options):
        """The live view for JupyterLab, a PNG for every other viewer."""
        bundle = super()._repr_mimebundle_(**options) or {}
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        png, size = self.picture()._repr_png_()
        data = {**data, "image/png": base64.b64encode(png).decode(), "text/plain": repr(self)}
        return data, {**metadata, "image/png": size}

    # The views. Each says "hello" when it opens and "alive" while it is there; all hear the same messages.

    def _on_message(self, _, content, buffers):
        with self._guard:
            self._heard = time.monotonic()
            self._wants_snapshot |= content.get("type") == "hello"
            more = self._wants_snapshot or self.recording.restarted or not self.recording.over
            if more and self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="timeline", daemon=True)
                self._keeper.start()

    def _keep(self):
        """Keep the views up to date until none is left, or until the server is over and all is said."""
        try:
            while self._tell():
                time.sleep(PAUSE)
        except Exception as problem:  # a thread must not print: the views show it
            self._keeper = None
            self.send({"type": "problem", "text": f"The timeline stopped: {problem!r}"})

    def _tell(self):
        """Send what is new. Returns whether there will be more."""
        with self._guard:
            until = time.monotonic_ns() - SETTLE
            self._read(lambda: self.recording.read(until))
            update, self._unsent = self._unsent, Update()
            update.open = self.recording.open
            if self._wants_snapshot:
                self._wants_snapshot = False
                self._publish("snapshot", until, self._everything())
            elif update.lanes or update.spans or update.marks or update.open != self._sent_open or self._is_late():
                self._publish("add", until, update)
            more = not self.recording.over and time.monotonic() - self._heard < PATIENCE
            if not more:
                self._keeper = None
            return more

    def _is_late(self):
        return time.monotonic() - self._said > PULSE

    def _read(self, reading):
        """Let the recording read, and remember for the views what it brought."""
        self._wants_snapshot |= self.recording.restarted
        update = reading()
        if self._keeper is not None:
            self._unsent += update
        elif update.spans or update.marks or update.lanes:
            self._messages += 1  # a view that comes to life again notices that it has missed something

    def _everything(self):
        recording = self.recording
        return Update(recording.lanes.lanes, recording.spans, recording.marks, recording.open)

    def _publish(self, what, until, update):
        recording = self.recording
        self._messages += 1
        self._said = time.monotonic()
        self._sent_open = update.open
        content = {
            "type": what,
            "number": self._messages,
            "now": self._ms(recording.latest if recording.over else until),
            "first": self._ms(recording.origin if recording.first is None else recording.first),
            "latest": self._ms(recording.latest),
            "over": recording.over,
            "note": recording.losses,
            "lanes": [vars(lane) | {"born": self._ms(lane.born), "over": self._ms(lane.over)} for lane in update.lanes],
        }
        if what == "snapshot":
            content |= {"title": recording.title, "look": LOOK}
        self.send(content, [self._packed(update.spans), self._packed(update.open), self._packed_marks(update.marks)])

    def _ms(self, at):
        return None if at is None else (at - (self.recording.origin or 0)) / 1e6

    def _packed(self, spans):
        out, origin, number = bytearray(SPAN.size * len(spans)), self.recording.origin or 0, SPAN_NUMBER
        for place, (lane, kind, client, start, end, received, sent) in enumerate(spans):
            start, end = (start - origin) / 1e6, float("nan") if end is None else (end - origin) / 1e6
            fields = start, end, min(received, MOST), min(sent, MOST), lane, client, number[kind]
            SPAN.pack_into(out, place * SPAN.size, *fields)
        return bytes(out)

    def _packed_marks(self, marks):
        packed = (
            MARK.pack(self._ms(mark.at), min(mark.detail, MOST), mark.lane, mark.client, MARK_NUMBER[mark.kind]) for mark in marks
        )
        return b"".join(packed)
