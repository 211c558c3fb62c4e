"""The timeline of a server and its clients: live in JupyterLab, as a picture in a stored notebook, and in plain words."""

import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import anywidget

from clients.lab.timeline import esm, saving
from clients.lab.timeline.packing import message
from clients.lab.timeline.picture import Picture
from clients.lab.timeline.recording import SETTLE_NS, Recording
from clients.lab.timeline.spans import Span, Update
from clients.lab.timeline.transcript import Transcript
from clients.lab.ui.pictures import with_picture
from servers.runtime import Server

PAUSE = 0.02  # seconds between two messages to the views
PULSE = 1  # seconds after which the views get a message even if nothing happens
VIEW_TIMEOUT = 20  # seconds without a message before a view counts as gone; long, because a busy cell delays its messages


class Timeline(anywidget.AnyWidget):
    """What a server and its clients do, over time. `Timeline(server, panel)` at the end of a cell shows it.

    panel: a ClientPanel, or a list of clients; each other client of the server gets a lane labelled with its address.
    `timeline.transcript()` describes the run in words, `timeline.picture()` draws it, `timeline.save("run.html")` saves it as a
    web page.
    """

    _esm = esm.module()
    _css = esm.style()

    def __init__(self, server: Server, panel: Iterable | None = None):
        super().__init__()
        self.recording = Recording(server, () if panel is None else panel)
        self._guard = threading.RLock()  # cells and the thread that updates the views both read the recording
        self._unsent = Update()
        self._messages = 0
        self._sent_open: list[Span] = []
        self._wants_snapshot = False
        self._heard = self._said = 0.0  # seconds of time.monotonic()
        self._keeper = None
        self.on_msg(self._on_message)

    def transcript(self) -> Transcript:
        """Describe what happened, lane by lane, in plain words, without anything that differs from run to run."""
        return self.recording.transcript()

    def picture(self) -> Picture:
        """Return the timeline as a Picture."""
        with self._guard:
            self._read(self.recording.catch_up)
            return Picture(self.recording)

    def save(self, path: str | os.PathLike) -> Path:
        """Save the run to a file: "run.html" is a page that shows it without a notebook, "run.json" opens in Perfetto.

        Returns the file's path. Raises ValueError for another suffix or if nothing has happened yet, OSError if the file
        cannot be written.
        """
        with self._guard:
            self._read(self.recording.catch_up)
        return saving.save(self.recording, path)

    def __repr__(self):
        names = self.recording.names
        return self.recording.title + (f": clients {', '.join(names)}" if names else "")

    def _repr_mimebundle_(self, **options):
        """Return the live view for JupyterLab, with a PNG for every other viewer."""
        picture = self.picture()
        png, size = picture._repr_png_()
        return with_picture(super()._repr_mimebundle_(**options), png, size["width"], picture.words, repr(self))

    # The views. Each sends "hello" when it opens and "alive" while it exists; all receive the same messages.

    def _on_message(self, _, content, buffers):
        with self._guard:
            self._heard = time.monotonic()
            self._wants_snapshot |= content.get("type") == "hello"
            more = self._wants_snapshot or self.recording.restarted or not self.recording.ended
            if more and self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="timeline", daemon=True)
                self._keeper.start()

    def _keep(self):
        """Keep the views up to date until none is left, or until the server has ended and everything is sent."""
        try:
            while True:
                began = time.monotonic()
                if not self._tell():
                    break
                time.sleep(max(PAUSE, time.monotonic() - began))  # leaves the notebook at least half the time
        except Exception as problem:  # a thread must not print, so the views show the error
            self._keeper = None
            self.send({"type": "problem", "text": f"The timeline stopped: {problem!r}"})

    def _tell(self):
        """Send what is new. Return whether there will be more."""
        with self._guard:
            now = time.monotonic_ns() - SETTLE_NS
            self._read(lambda: self.recording.read(now))
            update, self._unsent = self._unsent, Update()
            update.open = self.recording.open
            if self._wants_snapshot:
                self._publish(now, self._everything(), snapshot=True)
            elif update.lanes or update.spans or update.marks or update.open != self._sent_open or time.monotonic() - self._said > PULSE:
                self._publish(now, update, snapshot=False)
            more = not self.recording.ended and time.monotonic() - self._heard < VIEW_TIMEOUT
            if not more:
                self._keeper = None
            return more

    def _read(self, reading):
        """Let the recording read, and keep the result for the views."""
        self._wants_snapshot |= self.recording.restarted
        update = reading()
        if self._keeper is not None:
            self._unsent += update
        elif update.spans or update.marks or update.lanes:
            self._messages += 1  # so that a view that wakes up again notices that it missed something

    def _everything(self):
        recording = self.recording
        return Update(recording.lanes.lanes, recording.spans, recording.marks, recording.open)

    def _publish(self, now, update, snapshot):
        self._wants_snapshot &= not snapshot
        self._messages += 1
        self._said = time.monotonic()
        self._sent_open = update.open
        self.send(*message(self.recording, update, self._messages, now, snapshot))
