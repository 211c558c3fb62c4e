"""The records of what a client did, the client that keeps them, its questions, and ClientError."""

import asyncio
import reprlib
import time
from collections import deque
from typing import NamedTuple

SHORT = reprlib.Repr()
SHORT.maxstring = SHORT.maxother = 80


class ClientError(ConnectionError):
    """An error between a client and its server, in plain words."""

    def _render_traceback_(self):  # for a notebook: the frames of this package would teach nothing
        return [f"ClientError: {self}"]


class Record(NamedTuple):
    """One action or event of a client, on the same clock as the server's events (time.monotonic_ns)."""

    client: str
    kind: str  # "connect", "send", "answer", "close" (by the client), "closed by server", "failed"
    start: int
    end: int
    bytes: int
    local: str  # the client's own address, "127.0.0.1:51234": the peer in the server's events


class RecordingClient:
    """A client that a timeline can draw: it has a name, keeps `records`, and notifies its observers of changes.

    server is a Server or an address like ("127.0.0.1", 6666).
    """

    MAX_RECORDS = 10_000  # bounds the memory of a client that runs for hours

    def __init__(self, server, name):
        self.name = name
        self.server = None if isinstance(server, tuple) else server
        self._address = server if isinstance(server, tuple) else None
        self.records = deque(maxlen=self.MAX_RECORDS)
        self._observers = []

    @property
    def address(self):
        """The server's address, ("127.0.0.1", 6666)."""
        return self._address or self.server.address

    def observe(self, callback):
        """Call callback(client) on the loop's thread whenever the state may have changed."""
        self._observers.append(callback)

    def _changed(self):
        for callback in list(self._observers):
            callback(self)


class Question:
    """Lines that were sent, and the answers received and still expected."""

    def __init__(self, text, expected):
        self.text = text
        self.expected = expected
        self.asked = time.monotonic_ns()
        self.lines = []
        self.bytes = 0
        self.answer = asyncio.get_running_loop().create_future()

    @property
    def shown(self):
        """The text, shortened for an error message."""
        return SHORT.repr(self.text)

    def fail(self, problem):
        """Raise this exception in the task that awaits the answer: there will be none."""
        if not self.answer.done():
            self.answer.set_exception(problem)
            self.answer.exception()  # retrieved, so that asyncio does not log it if no task awaits the answer


class Asked(asyncio.Task):
    """A pending answer: `await` it when you need it."""

    words = "asked"

    def __repr__(self):  # shown if a cell ends in it, so no memory address and no path
        return self.words
