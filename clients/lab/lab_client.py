"""One client of a server, driven from a notebook without ever blocking it. It knows no widget."""

import asyncio
import socket
import threading
import time
from collections import deque
from typing import NamedTuple

from clients.lab.ui.durations import duration
from clients.lab.ui.tasks import current_loop


class ClientError(ConnectionError):
    """What went wrong between a client and its server, in plain words."""

    def _render_traceback_(self):  # what a notebook shows: where in this file it was noticed would teach nothing
        return [f"ClientError: {self}"]


class Record(NamedTuple):
    """One thing that a client did or met, on the clock that the server's events use (time.monotonic_ns)."""

    client: str
    kind: str  # "connect", "send", "answer", "close" (by the client), "closed by server", "failed"
    start: int
    end: int
    bytes: int
    local: str  # the client's own address, "127.0.0.1:51234": the peer in the server's events


class Question:
    """Lines that were sent and the answers that are still to come."""

    def __init__(self, text, expected):
        self.text = text
        self.expected = expected
        self.asked = time.monotonic_ns()
        self.lines = []
        self.bytes = 0
        self.answer = asyncio.get_running_loop().create_future()

    def fail(self, problem):
        if not self.answer.done():
            self.answer.set_exception(problem)
            self.answer.exception()  # read once, so that an answer nobody awaits leaves no trace in the log


class Asked(asyncio.Task):
    """An answer that is on its way: `await` it when you need it."""

    words = "asked"

    def __repr__(self):  # a cell may end in it: no memory address, no path
        return self.words


class Accepts:
    """When a watched server accepted which client, as its events tell. All clients of a server share one."""

    def __init__(self, server):
        self.server = server
        self._pid = None
        self._cursor = 0
        self._when = {}
        self._blocked = set()  # (pid, tid) of threads that wait for clients
        self._lock = threading.Lock()

    def since(self, local, start):
        """Has the client at address local been accepted since start? None when the server is not watched."""
        if not self.server.watch:
            return None
        self._update()
        return self._when.get(local, 0) >= start  # an earlier client may have had the same port

    def free(self):
        """Is the server blocked in a call that waits for clients? Then it is about to accept whoever has connected."""
        self._update()
        return bool(self._blocked)

    def _update(self):
        """Read the events that arrived since the last time; a server that was restarted counts them anew."""
        with self._lock:  # a timeline asks for states on a thread of its own
            if self._pid != self.server.pid:
                self._pid, self._cursor, self._blocked = self.server.pid, 0, set()
            events, self._cursor = self.server.events_since(self._cursor)
            for event in events:
                self._note(event)

    def _note(self, event):
        if event.kind in ("accept", "wait"):
            change = self._blocked.add if event.end is None else self._blocked.discard
            change((event.pid, event.tid))
        if event.kind == "exit":
            self._blocked = {(pid, tid) for pid, tid in self._blocked if pid != event.pid}
        if event.kind == "accept" and event.peer and event.end is not None:
            self._when[event.peer] = event.end


class LabClient:
    """A client with a name: `await client.connect()`, `await client.send("hello")`, `await client.close()`.

    server is a Server or an address like ("127.0.0.1", 6666). `client.state` says in words how things stand,
    `client.records` what happened when. timeout is the patience, in seconds, for a connection and for a datagram.
    """

    # Seconds that connect() allows the server to accept, so that the state right after it is no matter of luck:
    GRACE = 0.3  # in any case,
    LONG_GRACE = 3  # and while the server waits for clients: on a machine under load the news of an accept takes its time
    SHOWN = 200  # characters of an answer in the status
    KEPT = 10_000  # records; a client that runs for hours must not fill the memory

    def __init__(self, server, name="client", *, kind=None, timeout=10, accepts=None):
        self.name = name
        self.timeout = timeout
        self.server = None if isinstance(server, tuple) else server
        self._address = server if isinstance(server, tuple) else None
        self.kind = kind or getattr(server, "kind", "tcp")
        if self.kind not in ("tcp", "udp"):
            raise ValueError(f"a client is of kind 'tcp' or 'udp', not {self.kind!r}")
        self.local = ""
        self.records = deque(maxlen=self.KEPT)
        self.heard = deque(maxlen=100)  # all lines that came from the server, asked for or not
        self.problem = ""  # what went wrong last, in words
        self.loop = current_loop()
        self._accepts = accepts or (Accepts(self.server) if self.server is not None else None)
        self._phase = "not connected"
        self._since = time.monotonic_ns()
        self._took = 0
        self._accepted = False
        self._connect_start = 0
        self._socket = None
        self._connecting = None
        self._reading = None
        self._writing = None
        self._questions = deque()
        self._buffer = b""
        self._observers = []

    # What a learner asks it to do

    async def connect(self):
        """Connect: the kernel's handshake; the server may accept later. Again: nothing happens.

        UDP has no connection: a socket is opened, and its state is "ready".
        """
        await self._open()
        await self._settle()

    async def send(self, text, timeout=30):
        """Send text as a line and return the answer. A text of several lines is answered by as many.

        bytes go out exactly as they are, without a newline added. timeout=None waits as long as it takes.
        """
        await self._open()
        if not self.connected:  # accepted and closed at once, before we have said a word
            raise self._error(f"the server closed the connection before it was asked {text!r}.")
        question = await self._send(text)
        if self.kind == "udp":
            timeout = self.timeout
        try:
            done, _ = await asyncio.wait([question.answer], timeout=timeout)
        except asyncio.CancelledError:  # "Interrupt kernel"
            self._give_up(question, "interrupted while waiting for the answer.")
            raise
        if done:
            return question.answer.result()
        problem = self._no_answer(question, timeout)
        self._give_up(question, problem)
        raise self._error(problem)

    def ask(self, text):
        """Send without awaiting: returns an asyncio.Task whose result is the answer, however long it takes."""
        asked = Asked(self.send(text, timeout=None), loop=asyncio.get_running_loop())
        asked.words = f"{self.name} asked {text!r}"
        asked.add_done_callback(lambda task: task.cancelled() or task.exception())  # the state tells, not the log
        return asked

    async def close(self):
        """Close the connection; questions still unanswered fail. Again: nothing happens."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
            self._connecting = None
        elif self._socket is None:
            return
        start = time.monotonic_ns()
        self._end("closed", "closed before the answer came.")
        self._note("close", start, time.monotonic_ns())

    async def __aenter__(self):
        await self.connect()
        return self

    async def __aexit__(self, *_):
        await self.close()

    # How things stand

    @property
    def state(self):
        """In words: "not connected", "connecting", "connected, not accepted yet", "waiting", "answered" ...

        Ends of a connection: "closed", "closed by server", "reset by server". Troubles: "refused", "timed out",
        "no answer" (UDP), "failed". A UDP client that has a socket is "ready".
        """
        if self._phase == "connected" and self.accepted is False:
            return "connected, not accepted yet"
        return self._phase

    @property
    def address(self):
        """Where the server is: ("127.0.0.1", 6666)."""
        return self._address or self.server.address

    @property
    def accepted(self):
        """True or False for a TCP connection to a watched server; None where it cannot be known."""
        if self.kind == "udp" or self._accepts is None or not self.connected:
            return None
        if not self._accepted:
            self._accepted = self._accepts.since(self.local, self._connect_start)
        return self._accepted

    @property
    def connected(self):
        """Is there a connection (UDP: a socket) to send on?"""
        return self._socket is not None and self._connecting is None

    @property
    def waiting(self):
        """Does something have to happen still: a connection, an accept, an answer?"""
        return self.state in ("connecting", "connected, not accepted yet", "waiting")

    @property
    def since(self):
        """When the present wait began (time.monotonic_ns)."""
        return self._questions[0].asked if self._questions else self._since

    @property
    def description(self):
        """The state without a number that differs from run to run; a wait in the backlog is named."""
        if self._phase == "waiting" and self.accepted is False:
            return "waiting, not accepted yet"
        return self.state

    @property
    def status(self):
        """One line that says everything: "waiting, not accepted yet, since 3.4 s", "answered in 12 ms: hello"."""
        text = self.description
        if self.waiting:
            return f"{text}, since {(time.monotonic_ns() - self.since) / 1e9:.1f} s"
        if text == "answered":
            return f"answered in {duration(self._took)}: {self.heard[-1][: self.SHOWN]}"
        return f"{text}: {self.problem}" if self.problem else text

    @property
    def took(self):
        """How long the last answer took, in nanoseconds."""
        return self._took

    def observe(self, callback):
        """Call callback(client) whenever the state may have changed, on the loop's thread."""
        self._observers.append(callback)

    def __repr__(self):
        return f"{self.name} {self.description}"

    # How it is done

    async def _open(self):
        if self.connected:
            return
        self.loop = asyncio.get_running_loop()
        if self._connecting is None:
            self._connecting = self.loop.create_task(self._connect())
        connecting = self._connecting
        try:
            await asyncio.shield(connecting)
        except asyncio.CancelledError:
            if not connecting.cancelled():
                raise  # the cell was interrupted; the connecting goes on
            raise self._error("closed while it was still connecting.") from None

    async def _connect(self):
        """Make the socket and connect it; ends in a state whatever happens."""
        self._connect_start = start = time.monotonic_ns()
        self.problem = ""
        self.local = ""
        self._accepted = False
        self._become("connecting")
        try:
            if self.address is None:
                raise OSError("the server has no address yet")
            kind = socket.SOCK_STREAM if self.kind == "tcp" else socket.SOCK_DGRAM
            self._socket = socket.socket(socket.AF_INET, kind)
            self._socket.setblocking(False)
            attempt = asyncio.ensure_future(self.loop.sock_connect(self._socket, self.address))
            await asyncio.sleep(0)  # the attempt is under way: the kernel has given us an address
            self.local = "{}:{}".format(*self._socket.getsockname())
            await asyncio.wait_for(attempt, self.timeout)
        except OSError as problem:
            state, text = self._refused(problem)
            self._end(state, text)
            self._note("failed", start, time.monotonic_ns())
            raise self._error(text) from None
        else:
            self._writing = asyncio.Lock()
            read = self._read_lines if self.kind == "tcp" else self._read_datagrams
            self._reading = self.loop.create_task(read(self._socket))
            self._note("connect", start, time.monotonic_ns())
            self._become("connected" if self.kind == "tcp" else "ready")
        finally:
            self._connecting = None

    def _refused(self, problem):
        """The state and the text for an error on the way to the server."""
        where = "{}:{}".format(*self.address) if self.address else "the server"
        if isinstance(problem, ConnectionRefusedError):
            return "refused", f"nobody listens at {where}. Is the server running?"
        if isinstance(problem, TimeoutError):
            return "timed out", (
                f"no connection to {where} within {self.timeout:g} s. "
                "The queue of clients in front of the server (its backlog) may be full."
            )
        return "failed", f"{where}: {problem}."

    async def _settle(self):
        """Give a server that is free the moment that it needs to accept, and us to hear of it."""
        start = time.monotonic()
        while self.accepted is False:
            grace = self.LONG_GRACE if self._accepts.free() else self.GRACE
            if time.monotonic() > start + grace:
                break
            await asyncio.sleep(0.005)
        self._changed()

    async def _send(self, text):
        """Put a question into the queue and its bytes on the wire."""
        data = text if isinstance(text, bytes) else text.encode() + (b"" if text.endswith("\n") else b"\n")
        question = Question(text, 1 if self.kind == "udp" else data.count(b"\n"))
        self.problem = ""
        if question.expected:
            self._questions.append(question)
            self._become("waiting")
        start = time.monotonic_ns()
        try:
            if self.kind == "udp":
                self._socket.send(data)  # a datagram goes out at once, or not at all
            else:
                async with self._writing:  # one question after the other
                    await self._write(data, question)
        except OSError as problem:
            self._broken(problem)
            question.fail(self._error(self.problem))
        else:
            self._note("send", start, time.monotonic_ns(), len(data))
        if not question.expected and not question.answer.done():
            question.answer.set_result("")  # no whole line has gone out: there is no answer to wait for
        return question

    async def _write(self, data, question):
        """Send all of data; a server that does not read can make that last, until the connection ends."""
        if question.answer.done():  # the connection ended while this question queued
            return
        try:
            data = data[self._socket.send(data) :]
        except BlockingIOError:
            pass
        if data:
            rest = asyncio.ensure_future(self.loop.sock_sendall(self._socket, data))
            await asyncio.wait([rest, question.answer], return_when=asyncio.FIRST_COMPLETED)
            if question.answer.done() and question.answer.exception() is not None:
                rest.cancel()
            else:
                await rest

    async def _read_lines(self, connection):
        """TCP: take in what the server sends until one side ends it."""
        try:
            while data := await self.loop.sock_recv(connection, 65536):
                *lines, rest = (self._buffer + data).split(b"\n")
                self._buffer = rest
                for line in lines:
                    self._answered(line, len(line) + 1)
        except OSError as problem:
            self._broken(problem)
            return
        if self._buffer:
            self._answered(self._buffer, len(self._buffer))  # a last line without its newline is an answer too
        unanswered = f" before it answered {self._questions[0].text!r}" if self._questions else ""
        self._end("closed by server", f"the server closed the connection{unanswered}.")
        self._note("closed by server", time.monotonic_ns(), time.monotonic_ns())

    async def _read_datagrams(self, mailbox):
        """UDP: take in datagrams, and the news that nobody listens, until this client closes."""
        while True:
            try:
                data = await self.loop.sock_recv(mailbox, 65536)
                self._answered(data.removesuffix(b"\n"), len(data))
            except OSError as problem:
                self._broken(problem)

    def _answered(self, line, size):
        """A line (UDP: a datagram) came in: it belongs to the oldest question that is open."""
        now = time.monotonic_ns()
        text = line.decode(errors="replace").removesuffix("\r")
        self.heard.append(text)
        self._accepted = True  # who is answered has been accepted, even if the event is still on its way
        if not self._questions:  # the server said something that nobody asked for: a greeting, a chat
            self._note("answer", now, now, size)
            return
        question = self._questions[0]
        question.lines.append(text)
        question.bytes += size
        if len(question.lines) < question.expected:
            return
        self._questions.popleft()
        self._took = now - question.asked
        if not question.answer.done():
            question.answer.set_result("\n".join(question.lines))
        self._note("answer", question.asked, now, question.bytes)
        self._become("waiting" if self._questions else "answered")

    def _broken(self, problem):
        """An error came instead of an answer. It ends a TCP connection; a UDP socket is good for the next datagram."""
        if isinstance(problem, (ConnectionResetError, BrokenPipeError)):
            state, text = "reset by server", "the server's side broke the connection off."
        else:
            state, text = self._refused(problem)
        if self.kind == "tcp":
            self._end(state, text)
        else:
            self.problem = text
            self._fail_questions(text)
            self._become(state)
        now = time.monotonic_ns()
        self._note("closed by server" if state == "reset by server" else "failed", now, now)

    def _end(self, state, text):
        """Close the socket, fail what is open, and say in which state that leaves us."""
        if self._reading is not None and self._reading is not asyncio.current_task():
            self._reading.cancel()
        self._reading = None
        if self._socket is not None:
            self.loop.remove_reader(self._socket)  # before its number may be given to another socket
            self.loop.remove_writer(self._socket)
            self._socket.close()
            self._socket = None
        self._buffer = b""
        unanswered = bool(self._questions)
        self.problem = text if unanswered or state not in ("closed", "closed by server") else ""
        self._fail_questions(text)
        self._become(state)

    def _fail_questions(self, text):
        while self._questions:
            self._questions.popleft().fail(self._error(text))

    def _give_up(self, question, problem):
        """Nobody waits for this answer any more. On TCP it may still come, so the question keeps its place."""
        if self.kind == "udp" and question in self._questions:
            self._questions.remove(question)
            self.problem = problem
            self._note("failed", question.asked, time.monotonic_ns())
            self._become("waiting" if self._questions else "no answer")

    def _no_answer(self, question, timeout):
        text = f"no answer to {question.text!r} within {timeout:g} s."
        if self.kind == "udp":
            return text + " The question or its answer may be lost (UDP sends nothing again), or the server is busy."
        if self.accepted is False:
            return text + " The server has not accepted this client yet: it is busy with another."
        return text + " The server may be busy, or the work takes longer."

    def _error(self, text):
        return ClientError(f"{self.name}: {text}")

    def _note(self, kind, start, end, size=0):
        self.records.append(Record(self.name, kind, start, end, size, self.local))
        self._changed()

    def _become(self, phase):
        self._phase = phase
        self._since = time.monotonic_ns()
        self._changed()

    def _changed(self):
        for callback in list(self._observers):
            callback(self)
