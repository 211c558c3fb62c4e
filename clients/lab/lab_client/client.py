"""LabClient: connect, send, ask, close; its state in words."""

import asyncio
import time
from collections import deque

from clients.lab.lab_client.accepts import Accepts
from clients.lab.lab_client.records import Asked, ClientError, Question, Record, RecordingClient
from clients.lab.lab_client.transport import TRANSPORTS
from clients.lab.ui.durations import duration
from clients.lab.ui.tasks import current_loop
from clients.tcp import reset_on_close


class LabClient(RecordingClient):
    """A client with a name: `await client.connect()`, `await client.send("hello")`, `await client.close()`.

    server is a Server or an address like ("127.0.0.1", 6666). `client.state` is the present state in words,
    `client.records` is what happened and when. timeout is for a connection and for a datagram's answer, in seconds.
    """

    # Seconds that connect() gives the server to accept, so that the state right after it does not depend on timing:
    GRACE = 0.3  # in any case,
    LONG_GRACE = 3  # and while the server waits for clients: on a loaded machine the accept event arrives late
    MAX_SHOWN = 200  # characters of an answer in the status
    MAX_HEARD = 100

    def __init__(self, server, name="client", *, timeout=10, accepts=None):
        super().__init__(server, name)
        self.timeout = timeout
        self.kind = getattr(server, "kind", "tcp")
        self.heard = deque(maxlen=self.MAX_HEARD)  # the last lines received, whether or not they answer a question
        self.problem = ""  # the last error, in words
        self.loop = current_loop()
        self._accepts = accepts or (Accepts(self.server) if self.server is not None else None)
        self._phase = "not connected"
        self._since = time.monotonic_ns()
        self.took = 0  # how long the last answer took, in nanoseconds
        self._accepted = False
        self._connect_start = 0
        self._transport = None  # the current one, or the last
        self._connecting = None
        self._reading = None
        self._questions = deque()

    # Methods for the learner

    async def connect(self):
        """Connect: the kernels do the handshake; the server may accept later. Does nothing if already connected.

        UDP has no connection: this opens a socket, and the state is "ready". Raises ClientError.
        """
        await self._open()
        await self._settle()

    async def send(self, text, timeout=30):
        """Send text as a line and return the answer: one line for each line of text.

        bytes are sent unchanged, without an added newline. timeout is in seconds; None waits as long as it takes.
        Raises ClientError if there is no answer.
        """
        await self._open()
        if not self.connected:  # the server accepted and closed before we sent anything
            raise self._error(f"the server closed the connection before it was asked {text!r}.")
        question = await self._send(text)
        if self.kind == "udp":
            timeout = self.timeout
        try:
            has_come = await self._comes(question.answer, timeout)
        except asyncio.CancelledError:  # "Interrupt kernel"
            self._give_up(question, "interrupted while waiting for the answer.")
            raise
        if has_come:
            return question.answer.result()
        problem = self._no_answer(question, timeout)
        self._give_up(question, problem)
        raise self._error(problem)

    def ask(self, text):
        """Send in the background; return an asyncio.Task whose result is the answer, with no timeout."""
        asked = Asked(self.send(text, timeout=None), loop=asyncio.get_running_loop())
        asked.words = f"{self.name} asked {text!r}"
        asked.add_done_callback(lambda task: task.cancelled() or task.exception())  # errors show in the state, not in the log
        return asked

    async def close(self):
        """Close the connection; unanswered questions fail. Does nothing if already closed."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
            self._connecting = None
        elif not self.connected:
            return
        start = time.monotonic_ns()
        self._end("closed", "closed before the answer came.")
        self._note("close", start, time.monotonic_ns())

    async def reset(self):
        """Close with a reset instead of an orderly end, as if this machine had crashed."""
        if self.connected:
            reset_on_close(self._transport.socket)
        await self.close()

    def pause(self):
        """Stop reading: the server's data fills this machine's receive buffer first, then backs up in the server."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def resume(self):
        if self._reading is None and self.connected:
            self._reading = self.loop.create_task(self._read(self._transport))

    async def __aenter__(self):
        await self.connect()
        return self

    async def __aexit__(self, *_):
        await self.close()

    # State

    @property
    def state(self):
        """In words: "not connected", "connecting", "connected, not accepted yet", "waiting", "answered" ...

        When a connection has ended: "closed", "closed by server", "reset by server". Errors: "refused", "timed out",
        "no answer" (UDP), "failed". A UDP client with an open socket is "ready".
        """
        if self._phase == "connected" and self.accepted is False:
            return "connected, not accepted yet"
        return self._phase

    @property
    def local(self):
        """This client's own address, "127.0.0.1:51234"; empty before it connects."""
        return self._transport.local if self._transport else ""

    @property
    def accepted(self):
        """Whether the server has accepted this TCP connection; None if that cannot be known (UDP, or a server not watched)."""
        if self.kind == "udp" or self._accepts is None or not self.connected:
            return None
        if not self._accepted:
            self._accepted = self._accepts.since(self.local, self._connect_start)
        return self._accepted

    @property
    def connected(self):
        """Whether there is a connection (UDP: a socket) to send on."""
        return self._transport is not None and self._transport.is_open

    @property
    def waiting(self):
        """Whether a connection, an accept or an answer is still pending."""
        return self.state in ("connecting", "connected, not accepted yet", "waiting")

    @property
    def since(self):
        """When the current wait began (time.monotonic_ns)."""
        return self._questions[0].asked if self._questions else self._since

    @property
    def description(self):
        """The state without numbers that vary between runs; it says so if the client waits in the backlog."""
        if self._phase == "waiting" and self.accepted is False:
            return "waiting, not accepted yet"
        return self.state

    @property
    def status(self):
        """The full state in one line: "waiting, not accepted yet, for 3.4 s", "answered in 12 ms: hello"."""
        text = self.description
        if self.waiting:
            return f"{text}, for {(time.monotonic_ns() - self.since) / 1e9:.1f} s"
        if text == "answered":
            return f"answered in {duration(self.took)}: {self.heard[-1][: self.MAX_SHOWN]}"
        return f"{text}: {self.problem}" if self.problem else text

    def __repr__(self):
        return f"{self.name} {self.description}"

    # Hooks for subclasses

    def _belongs_to_a_question(self, text):
        """Return whether this line is an answer. A chat client also receives what others say."""
        return bool(self._questions)

    async def _comes(self, answer, timeout):
        """Wait up to timeout seconds for an answer; return whether it came."""
        done, _ = await asyncio.wait([answer], timeout=timeout)
        return bool(done)

    # Connecting

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
                raise  # the cell was interrupted; the attempt to connect continues
            raise self._error("closed while it was still connecting.") from None

    async def _connect(self):
        """Create the socket and connect it; set a final state whatever happens."""
        self._connect_start = start = time.monotonic_ns()
        self.problem = ""
        self._accepted = False
        self._transport = None
        self._become("connecting")
        try:
            address = self.address  # read only once: it is None as soon as the server ends
            if address is None:
                raise OSError("the server has no address yet")
            self._transport = transport = TRANSPORTS[self.kind](address)
            await transport.open(self.timeout)
        except OSError as problem:
            state, text = self._failure(problem)
            self._end(state, text)
            self._note("failed", start, time.monotonic_ns())
            raise self._error(text) from None
        else:
            self._reading = self.loop.create_task(self._read(transport))
            self._note("connect", start, time.monotonic_ns())
            self._become(transport.OPEN)
        finally:
            self._connecting = None

    async def _settle(self):
        """Give an idle server time to accept, and the accept event time to reach us."""
        waited, looked = 0, time.monotonic()
        while self.accepted is False:
            if waited > (self.LONG_GRACE if self._accepts.free() else self.GRACE):
                break
            await asyncio.sleep(0.005)
            now = time.monotonic()
            waited, looked = waited + min(now - looked, 0.1), now  # while the machine stalls, the server cannot accept either
        self._changed()

    # Questions and answers

    async def _send(self, text):
        """Queue a question and send its bytes."""
        data = text if isinstance(text, bytes) else text.encode() + (b"" if text.endswith("\n") else b"\n")
        question = Question(text, self._transport.answers_to(data))
        self.problem = ""
        if question.expected:
            self._questions.append(question)
            self._become("waiting")
        start = time.monotonic_ns()
        try:
            await self._transport.send(data, question)
        except OSError as problem:
            self._broken(problem)
            question.fail(self._error(self.problem))
        else:
            self._note("send", start, time.monotonic_ns(), len(data))
        if not question.expected and not question.answer.done():
            question.answer.set_result("")  # no complete line was sent, so no answer will come
        return question

    async def _read(self, transport):
        """Receive from the server until either side closes."""
        while transport.is_open:
            try:
                async for line, size in transport.incoming():
                    self._received(line.decode(errors="replace").removesuffix("\r"), size)
            except OSError as problem:
                self._broken(problem)  # a UDP socket stays open
            else:
                unanswered = f" before it answered {self._questions[0].shown}" if self._questions else ""
                self._end("closed by server", f"the server closed the connection{unanswered}.")
                self._note("closed by server", time.monotonic_ns(), time.monotonic_ns())

    def _received(self, text, size):
        """Handle a received line (UDP: datagram). An answer belongs to the oldest open question."""
        now = time.monotonic_ns()
        self.heard.append(text)
        self._accepted = True  # an answer proves the accept, even if its event has not arrived yet
        if not self._belongs_to_a_question(text):
            self._note("answer", now, now, size)
            return
        question = self._questions[0]
        question.lines.append(text)
        question.bytes += size
        if len(question.lines) < question.expected:
            return
        self._questions.popleft()
        self.took = now - question.asked
        if not question.answer.done():
            question.answer.set_result("\n".join(question.lines))
        self._note("answer", question.asked, now, question.bytes)
        self._become("waiting" if self._questions else "answered")

    # Errors and closing

    def _failure(self, problem):
        """Return the state and the message for a socket error."""
        where = "{}:{}".format(*self.address) if self.address else "the server"
        if isinstance(problem, (ConnectionResetError, BrokenPipeError)):
            return "reset by server", "the server reset the connection."
        if isinstance(problem, ConnectionRefusedError):
            if self.kind == "udp" and self.server and self.server.running:
                return "refused", f"no socket at {where} takes this client's datagrams. Is it closed, or connected to another client?"
            return "refused", f"nobody listens at {where}. Is the server running?"
        if isinstance(problem, TimeoutError):
            return "timed out", (
                f"no connection to {where} within {self.timeout:g} s. "
                "The queue of clients in front of the server (its backlog) may be full."
            )
        return "failed", f"{where}: {problem}."

    def _broken(self, problem):
        """Handle a socket error. It ends a TCP connection; a UDP socket stays usable for the next datagram."""
        state, text = self._failure(problem)
        if self.kind == "tcp":
            self._end(state, text)
        else:
            self.problem = text
            self._fail_questions(text)
            self._become(state)
        now = time.monotonic_ns()
        self._note("closed by server" if state == "reset by server" else "failed", now, now)

    def _end(self, state, text):
        """Close the socket, fail the open questions, and set the state."""
        if self._reading is not None and self._reading is not asyncio.current_task():
            self._reading.cancel()
        self._reading = None
        if self._transport is not None:
            self._transport.close()
        unanswered = bool(self._questions)
        self.problem = text if unanswered or state not in ("closed", "closed by server") else ""
        self._fail_questions(text)
        self._become(state)

    def _fail_questions(self, text):
        while self._questions:
            self._questions.popleft().fail(self._error(text))

    def _give_up(self, question, problem):
        """Stop waiting for this answer. On TCP it may still come, so the question stays in the queue."""
        if self.kind == "udp" and question in self._questions:
            self._questions.remove(question)
            self.problem = problem
            self._note("failed", question.asked, time.monotonic_ns())
            self._become("waiting" if self._questions else "no answer")

    def _no_answer(self, question, timeout):
        text = f"no answer to {question.shown} within {timeout:g} s."
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
