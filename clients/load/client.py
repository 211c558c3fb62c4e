"""One client: it asks, waits for the answer, and tries again after an error."""

import errno
import os
import selectors
import socket
from time import perf_counter as now

from clients.tcp import family_of

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
RETRY_AFTER = 0.01  # seconds that a client waits after an error before it tries again


class WrongAnswer(Exception):
    """Something other than the answer came; the message is the name under which the report counts it."""


class Client:
    """One client. The crowd wakes it when its socket is ready, when a question is due, or when its timeout has passed."""

    __slots__ = "crowd", "connection", "since", "answers", "wake", "life"

    def __init__(self, crowd, life):
        self.crowd, self.connection = crowd, None
        self.since = None  # when its wait for an answer began; None if it is not waiting for one
        self.answers = 0
        self.life = life(self)
        self.wake = self.life.__next__

    def ask_on_and_on(self):
        """Ask without end. Attributes are looked up once, outside the loop: its speed limits the load that we can generate."""
        crowd, load = self.crowd, self.crowd.load
        questions, took = crowd.questions, crowd.tally.latencies.append
        while True:
            try:
                while crowd.asking:
                    if load.rate:
                        yield from self.turn()
                    else:
                        self.since = now()
                    if self.connection is None:
                        yield from self.connect()
                        send, receive = self.connection.send, self.connection.recv
                    question = next(questions)
                    sent = send(question)
                    if sent < len(question):
                        yield from self.send_rest(question, sent)
                    yield
                    answer = receive(len(question))
                    if answer != question:
                        yield from self.hear_rest(question, answer)
                    took(now() - self.since)
                    self.answers += 1
                    if load.connect_each:
                        self.hang_up()
                yield from self.rest()
            except (OSError, WrongAnswer) as trouble:
                yield from self.count_and_retry(trouble)

    def stay_silent(self):
        """Be an idle client: send one hello, whose answer shows that the server has accepted the connection; then nothing."""
        while True:
            try:
                self.since = now()
                yield from self.connect()
                self.connection.send(b"hello\n")
                yield from self.hear_rest(b"hello\n", b"")
                self.answers += 1
                yield from self.rest()
            except (OSError, WrongAnswer) as trouble:
                yield from self.count_and_retry(trouble)

    def send_rest(self, question, sent):
        """Send the part of the question that did not fit into the socket's buffer."""
        selector = self.crowd.selector
        selector.modify(self.connection, WRITE, self.wake)
        while sent < len(question):
            yield
            sent += self.connection.send(question[sent:])
        selector.modify(self.connection, READ, self.wake)

    def hear_rest(self, question, answer):
        """Receive the rest of an answer that came in pieces. Raise WrongAnswer if it is not the answer."""
        while answer != question:
            if not question.startswith(answer) or self.crowd.load.udp:
                raise WrongAnswer("wrong answers")
            yield
            piece = self.connection.recv(len(question) - len(answer))
            if not piece:
                raise WrongAnswer("short reads" if answer else "closed by server")
            answer += piece

    def turn(self):
        """Open loop: take an overdue question, or wait until one is due."""
        crowd = self.crowd
        if crowd.overdue:
            self.since = crowd.overdue.popleft()
        else:
            crowd.free.append(self)
            yield from self.rest()

    def rest(self):
        """Stay silent until the crowd wakes us for a question. Anything that the server sends or does meanwhile is an error."""
        self.since = None
        yield
        if self.since is None:
            raise WrongAnswer("wrong answers" if self.connection.recv(1) else "closed by server")

    def connect(self):
        """Connect, and wait only if that is not done at once: on one host it usually is."""
        kind = socket.SOCK_DGRAM if self.crowd.load.udp else socket.SOCK_STREAM
        self.connection = connection = socket.socket(family_of(self.crowd.address), kind)
        connection.setblocking(False)
        problem = connection.connect_ex(self.crowd.address)
        if problem not in (0, errno.EINPROGRESS):
            raise OSError(problem, os.strerror(problem))
        self.crowd.selector.register(connection, READ, self.wake)
        if problem:
            try:
                connection.getpeername()  # raises while the socket is still connecting: it has no peer yet
            except OSError:
                self.crowd.selector.modify(connection, WRITE, self.wake)
                yield
                if problem := connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    raise OSError(problem, os.strerror(problem)) from None
                self.crowd.selector.modify(connection, READ, self.wake)

    def hang_up(self):
        if self.connection in self.crowd.selector.get_map():
            self.crowd.selector.unregister(self.connection)
        self.connection.close()
        self.connection = None

    def count_and_retry(self, trouble):
        """Count the error, and start again after RETRY_AFTER: a server that refuses must not drown in retries."""
        self.crowd.tally.count(trouble, self.since)
        if self in self.crowd.free:
            self.crowd.free.remove(self)
        self.since = None
        if self.connection is not None:
            self.hang_up()
        self.crowd.at(now() + RETRY_AFTER, self.wake)
        yield
