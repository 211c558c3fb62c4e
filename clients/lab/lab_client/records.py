"""What a client did and met, who keeps that, the questions that it asked, and what can go wrong."""

import asyncio
import reprlib
import time
from collections import deque
from typing import NamedTuple

SHORT = reprlib.Repr()
SHORT.maxstring = SHORT.maxother = 80


class ClientError(ConnectionError):
    """What went wrong between a client and its server, in plain words."""

    def _render_traceback_(self):  # for a notebook: where in this package it was noticed would teach nothing
        return [f"ClientError: {self}"]


class Record(NamedTuple):
    """One thing that a client did or met, on the clock that the server's events use (time.monotonic_ns)."""

    client: str
    kind: str  # "connect", "send", "answer", "close" (by the client), "closed by server", "failed"
    start: int
    end: int
    bytes: int
    local: str  # the client's own address, "127.0.0.1:51234": the peer in the server's events


class RecordingClient:
    """A client that a timeline can draw: it has a name and keeps `records`, and tells its observers when it has changed.

    server is a Server or an address like ("127.0.0.1", 6666).
    """

    MAX_RECORDS = 10_000  # a client that runs for hours must not fill the memory

    def __init__(self, server, name):
        self.name = name
        self.server = None if isinstance(server, tuple) else server
        self._address = server if isinstance(server, tuple) else None
        self.records = deque(maxlen=self.MAX_RECORDS)
        self._observers = []

    @property
    def address(self):
        """Where the server is: ("127.0.0.1", 6666)."""
        return self._address or self.server.address

    def observe(self, callback):
        """Call callback(client) whenever the state may have changed, on the loop's thread."""
        self._observers.append(callback)

    def _changed(self):
        for callback in list(self._observers):
            callback(self)


class Question:
    """Lines that were sent, and the answers that are still to come."""

    def __init__(self, text, expected):
        self.text = text
        self.expected = expected
        self.asked = time.monotonic_ns()
        self.lines = []
        self.bytes = 0
        self.answer = asyncio.get_running_loop().create_future()

    @property
    def shown(self):
        """The text as an error quotes it."""
        return SHORT.repr(self.text)

    def fail(self, problem):
        """There will be no answer: whoever awaits it gets this exception."""
        if not self.answer.done():
            self.answer.set_exception(problem)
            self.answer.exception()  # read once, so that an answer nobody awaits leaves no trace in the log


class Asked(asyncio.Task):
    """An answer that is on its way: `await` it when you need it."""

    words = "asked"

    def __repr__(self):  # a cell may end in it: no memory address, no path
        return self.words
