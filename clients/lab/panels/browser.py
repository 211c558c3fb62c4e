"""A web browser, driven from a notebook without ever blocking it. It keeps every byte, and uses no widgets."""

import asyncio
import io
import time
from urllib.parse import urljoin

from clients import web
from clients.lab.lab_client import ClientError, Record, RecordingClient
from clients.lab.ui.durations import duration
from servers.runtime.events import written


class Browser(RecordingClient):
    """A browser: `await browser.fetch("/")` requests a page, `await browser.submit(line="hello")` sends its form.

    `page` is the page shown, `path` its path, `sent` and `received` the bytes of the last exchange, `records` what
    happened and when (a Timeline draws them). Each exchange uses a new connection. timeout is in seconds.
    """

    def __init__(self, server, name="browser", timeout=30):
        super().__init__(server, name)
        self.timeout = timeout
        self.page, self.path = None, "/"
        self.sent = self.received = b""
        self.problem = ""
        self.state, self.local, self.since, self.took = "no page yet", "", time.monotonic_ns(), 0
        self._one_at_a_time = asyncio.Lock()

    @property
    def waiting(self):
        return self.state in ("connecting", "waiting")

    @property
    def form(self):
        """The first form in the page; None if there is none."""
        return self.page.forms[0] if self.page and self.page.forms else None

    @property
    def status(self):
        """The full state in one line: "/ in 12 ms: 200 OK", "waiting: /answer"."""
        if self.waiting:
            return f"{self.state}: {self.path}"
        if self.problem:
            return f"{self.state}: {self.problem}"
        return f"{self.path} in {duration(self.took)}: {self.state}" if self.page else self.state

    async def fetch(self, path="/"):
        """Request a page; return the Page. A path without a leading / is relative to the current page. Raises ClientError."""
        return await self._exchange_with("GET", urljoin(self.path, path))

    async def submit(self, **fields):
        """Send the form in the page with these values in its fields; return the Page received in answer.

        Raises ClientError, and ValueError if the page has no form or no such field.
        """
        form = self.form
        if form is None:
            raise ValueError(f"{self.name}: there is no form in this page. Fetch a page that has one first.")
        if unknown := fields.keys() - form.fields.keys():
            raise ValueError(f"{self.name}: the form has no field {unknown.pop()!r}. It has: {', '.join(form.fields)}.")
        return await self._exchange_with(form.method, urljoin(self.path, form.action), form.fields | fields)

    def __repr__(self):
        return f"{self.name} {'shows ' + self.path + ', ' if self.page and not self.waiting else ''}{self.state}"

    async def _exchange_with(self, method, path, fields=None):
        async with self._one_at_a_time:
            self.path, self.problem = path, ""
            self.local = ""
            self._become("connecting")
            loop = asyncio.get_running_loop()
            exchange = _Exchange(self, lambda state: loop.call_soon_threadsafe(self._become, state))
            try:
                self.page = await asyncio.to_thread(exchange.run, method, path, fields)
            except OSError as problem:
                self.page, self.problem = None, str(problem)
                self._become("failed")
                raise ClientError(f"{self.name}: {problem}") from None
            finally:
                self.sent, self.received = bytes(exchange.sent), bytes(exchange.received)
            self.took = time.monotonic_ns() - exchange.start
            await asyncio.sleep(0)  # the states that the thread has scheduled come first
            self._become(f"{self.page.status} {self.page.reason}")
            return self.page

    def _become(self, state):
        self.state, self.since = state, time.monotonic_ns()
        self._changed()


class _Exchange:
    """A connection, a request and its answer, on a thread. It sits between http.client and the socket and keeps the bytes."""

    def __init__(self, browser, become):
        self.browser, self.become = browser, become
        self.sent, self.received = bytearray(), bytearray()
        self.socket = None
        self.start = self.asked = time.monotonic_ns()
        self.local = ""

    def run(self, method, path, fields):
        """Connect, send the request, and return the Page. Raises OSError."""
        try:
            connection = web.connect(self.browser.address, self.browser.timeout)
            with connection.sock as self.socket:
                connection.sock = self
                self.local = self.browser.local = written(self.socket.getsockname())
                self._note("connect", self.start)
                self.become("waiting")
                page = web.request(connection, method, path, fields)
                self._note("answer", self.asked, len(self.received))
        except OSError:
            self._note("failed", self.start)
            raise
        self._note("close", time.monotonic_ns())
        return page

    def _note(self, kind, start, size=0):
        self.browser.records.append(Record(self.browser.name, kind, start, time.monotonic_ns(), size, self.local))

    # The socket methods that http.client calls

    def sendall(self, data):
        self.sent += data

    def makefile(self, mode):
        """Send the request, now complete, in one piece: http.client passes headers and form separately."""
        self.asked = time.monotonic_ns()
        self.socket.sendall(self.sent)
        self._note("send", self.asked, len(self.sent))
        return io.BufferedReader(_Incoming(self))

    def close(self):
        """Do nothing: the answer may still be arriving, and `run` closes the socket."""


class _Incoming(io.RawIOBase):
    """The incoming bytes, kept as they are read."""

    def __init__(self, exchange):
        self._exchange = exchange

    def readable(self):
        return True

    def readinto(self, buffer):
        size = self._exchange.socket.recv_into(buffer)
        self._exchange.received += buffer[:size]
        return size
