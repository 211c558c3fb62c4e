"""A browser of a web server, driven from a notebook without ever blocking it. It keeps every byte, and knows no widget."""

import asyncio
import io
import time
from urllib.parse import urljoin

from clients import web
from clients.lab.lab_client import ClientError, Record, RecordingClient
from clients.lab.ui.durations import duration
from servers.runtime.events import written


class Browser(RecordingClient):
    """`await browser.fetch("/")` asks for a page, `await browser.submit(line="hello")` sends the form that is in it.

    `page` is what it shows, `path` where that is, `sent` and `received` the bytes of the last
    exchange, `records` what happened when (a Timeline draws them). Each exchange has a connection of its own.
    timeout is in seconds.
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
        """The first form in the page, or None."""
        return self.page.forms[0] if self.page and self.page.forms else None

    @property
    def status(self):
        """One line that says everything: "/ in 12 ms: 200 OK", "waiting for /answer"."""
        if self.waiting:
            return f"{self.state}: {self.path}"
        if self.problem:
            return f"{self.state}: {self.problem}"
        return f"{self.path} in {duration(self.took)}: {self.state}" if self.page else self.state

    async def fetch(self, path="/"):
        """Ask for a page; returns the Page. A path without a leading / is relative to the present page. Raises ClientError."""
        return await self._exchange_with("GET", urljoin(self.path, path))

    async def submit(self, **fields):
        """Send the form in the page, with these values in its fields; returns the Page that answers.

        Raises ClientError, and ValueError when the page has no such form or field.
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
            await asyncio.sleep(0)  # what the thread had to say about its state comes first
            self._become(f"{self.page.status} {self.page.reason}")
            return self.page

    def _become(self, state):
        self.state, self.since = state, time.monotonic_ns()
        self._changed()


class _Exchange:
    """A connection, a request and its answer, on a thread. It stands between http.client and the socket, and keeps what passes."""

    def __init__(self, browser, become):
        self.browser, self.become = browser, become
        self.sent, self.received = bytearray(), bytearray()
        self.socket = None
        self.start = self.asked = time.monotonic_ns()
        self.local = ""

    def run(self, method, path, fields):
        """Connect, ask, and return the Page. Raises OSError."""
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

    # What http.client asks of a socket

    def sendall(self, data):
        self.sent += data

    def makefile(self, mode):
        """The request is complete. It goes out in one piece: http.client hands over headers and form one by one."""
        self.asked = time.monotonic_ns()
        self.socket.sendall(self.sent)
        self._note("send", self.asked, len(self.sent))
        return io.BufferedReader(_Incoming(self))

    def close(self):
        """The answer may still be coming: `run` closes."""


class _Incoming(io.RawIOBase):
    """What comes in, kept while it is read."""

    def __init__(self, exchange):
        self._exchange = exchange

    def readable(self):
        return True

    def readinto(self, buffer):
        size = self._exchange.socket.recv_into(buffer)
        self._exchange.received += buffer[:size]
        return size
