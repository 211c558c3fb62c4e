"""Many clients at once: a load generator. It asks a server, and measures how many answers come, and how long each one takes.

    python -m clients.load 127.0.0.1:6666 --connections 100 --seconds 5
    python -m clients.load 127.0.0.1:6666 --mix "9 hello, 1 sleep 0.01" --rate 500

One thread plays all clients, on `selectors`, like the server of tcp_select. Each client is a generator: it reads like a client
that waits, and says `yield` wherever it would. (`measure` of clients.report runs this program and looks at the server meanwhile.)

Closed loop: each client asks again as soon as it has its answer. So a slow server is asked less often, and looks better than it
is. Open loop (`rate`): questions come due at fixed moments, whatever the server does, as those of people who do not know of each
other. Their latency counts from the moment when they were due: a question that finds all clients busy waits, and its wait counts
("coordinated omission" is to leave it out).

Percentiles are exact: every latency is kept and sorted, and the one at rank ceil(q * n) is taken (nearest rank). A question that
nobody answered counts among them, as long as it was waited for.
"""

import argparse
import dataclasses
import errno
import heapq
import itertools
import json
import math
import os
import random
import selectors
import signal
import socket
import sys
import time
from array import array
from collections import Counter, deque
from collections.abc import Iterable, Iterator

from clients.tcp import address_of, family_of
from servers import sockets

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
GROUP = 100  # clients that may be new at a time: the server's backlog (128) has room for them
ARRIVAL = 0.005  # seconds between two looks whether more clients may come
RETRY_AFTER = 0.01  # seconds that a client waits after an error before it tries again
TICK = 0.1  # seconds between two reports of progress, and between two looks for time-outs
DRAIN = 0.5  # seconds at the end in which answers to earlier questions may still come
MOST = 10_000  # clients
now = time.perf_counter


@dataclasses.dataclass(frozen=True)
class Load:
    """What a server has to bear. Raises ValueError for what cannot be."""

    connections: int = 10  # clients that ask
    idle: int = 0  # more clients, which are connected and say nothing
    seconds: float = 2.0  # how long it is measured
    warm_up: float = 0.3  # seconds before that, in which all is as later, and not counted
    mix: str = "hello"  # what they ask: a line, or lines with their shares, as in "9 hello, 1 sleep 0.01"
    connect_each: bool = False  # a new connection for each question
    rate: float = 0  # open loop: questions a second, of all clients together; 0: closed loop
    udp: bool = False
    timeout: float = 0  # seconds until a question is given up; 0: 5 over TCP; 0.5 over UDP, where it counts as lost

    def __post_init__(self):
        if not (0 <= self.connections and 0 <= self.idle and 1 <= self.connections + self.idle <= MOST):
            raise ValueError(f"connections and idle are numbers of clients: together 1 to {MOST:,}.")
        if not (0 < self.seconds <= 600 and 0 <= self.warm_up <= 60 and 0 <= self.timeout <= 600 and 0 <= self.rate <= 1e6):
            raise ValueError("seconds is 0 to 600, warm_up 0 to 60, timeout 0 to 600, rate 0 to 1,000,000.")
        if self.udp and self.idle:
            raise ValueError("over UDP there is no connection, so nobody can be connected and idle.")
        self.shares()

    @property
    def answer_timeout(self) -> float:
        return self.timeout or (0.5 if self.udp else 5)

    def shares(self) -> dict[str, int]:
        """{line: its share} of the mix."""
        shares = {}
        for part in self.mix.split(","):
            words = part.split()
            share = int(words.pop(0)) if len(words) > 1 and words[0].isdecimal() else 1
            if not words or not 0 < share <= 1000:
                raise ValueError(f"{self.mix!r} is no mix. Write it like: hello, or: 9 hello, 1 sleep 0.01")
            shares[" ".join(words)] = share
        return shares

    def questions(self) -> Iterator[bytes]:
        """The lines to ask, without end, in their shares; shuffled, and in the same order in each run."""
        lines = [line.encode() + b"\n" for line, share in self.shares().items() for _ in range(share)]
        random.Random(1).shuffle(lines)
        return itertools.cycle(lines)


class WrongAnswer(Exception):
    """Something came that is not the answer; the text is what the report counts it as."""


# ---------------------------------------------------------------- a client


class Client:
    """One client. It is the crowd that wakes it: when its socket is ready, when a question is due, when its timeout has passed."""

    __slots__ = "crowd", "connection", "since", "answers", "wake", "life"

    def __init__(self, crowd, life):
        self.crowd, self.connection = crowd, None
        self.since = None  # since when it wants an answer; None: it wants none
        self.answers = 0
        self.life = life(self)
        self.wake = self.life.__next__

    def ask_on_and_on(self):
        """The life of a client that asks. What each question needs is looked up once: this loop decides how much load there can be."""
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
        """The life of an idle client: one hello, which shows that the server knows of it; then nothing."""
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
        """What did not fit into the socket's buffer."""
        selector = self.crowd.selector
        selector.modify(self.connection, WRITE, self.wake)
        while sent < len(question):
            yield
            sent += self.connection.send(question[sent:])
        selector.modify(self.connection, READ, self.wake)

    def hear_rest(self, question, answer):
        """The answer has not come in one piece; or what comes is no answer."""
        while answer != question:
            if not question.startswith(answer) or self.crowd.load.udp:
                raise WrongAnswer("wrong answers")
            yield
            piece = self.connection.recv(len(question) - len(answer))
            if not piece:
                raise WrongAnswer("short reads" if answer else "closed by server")
            answer += piece

    def turn(self):
        """Open loop: wait until a question is due. It may be overdue."""
        crowd = self.crowd
        if crowd.overdue:
            self.since = crowd.overdue.popleft()
        else:
            crowd.free.append(self)
            yield from self.rest()

    def rest(self):
        """Say nothing until the crowd gives a reason to. What the server says or does meanwhile, nobody has asked for."""
        self.since = None
        yield
        if self.since is None:
            raise WrongAnswer("wrong answers" if self.connection.recv(1) else "closed by server")

    def connect(self):
        """Begin to connect, and wait only if it is not done at once: on one host it mostly is."""
        kind = socket.SOCK_DGRAM if self.crowd.load.udp else socket.SOCK_STREAM
        self.connection = connection = socket.socket(family_of(self.crowd.address), kind)
        connection.setblocking(False)
        problem = connection.connect_ex(self.crowd.address)
        if problem not in (0, errno.EINPROGRESS):
            raise OSError(problem, os.strerror(problem))
        self.crowd.selector.register(connection, READ, self.wake)
        if problem:
            try:
                connection.getpeername()  # who has no peer yet is still connecting
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
        """Count what went wrong, and begin anew after a moment: a server that refuses must not drown in retries."""
        self.crowd.tally.count(trouble, self.since)
        if self in self.crowd.free:
            self.crowd.free.remove(self)
        self.since = None
        if self.connection is not None:
            self.hang_up()
        self.crowd.at(now() + RETRY_AFTER, self.wake)
        yield


# ---------------------------------------------------------------- what is counted


NAMES = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.EPIPE: "reset",
    errno.EADDRNOTAVAIL: "no free port",
    errno.EMFILE: "no free descriptor",
}


class Tally:
    """What was measured: latencies in seconds, answers, errors by name, and the CPU time that the load itself took."""

    def __init__(self, load: Load):
        self._time_out = "lost" if load.udp else "time-outs"
        self.latencies = array("d")
        self.restart()

    def restart(self) -> None:
        """Nothing is measured yet; the measured time begins now."""
        del self.latencies[:]
        self.errors: Counter[str] = Counter()
        self.began, self.ended, self.counted = now(), 0.0, 0
        self._cpu = time.process_time()

    def stop(self) -> None:
        """The measured time ends now: answers that come later are not counted."""
        self.counted = self.answers
        self.ended = now()
        self._cpu = time.process_time() - self._cpu

    @property
    def answers(self) -> int:
        return len(self.latencies) - self.errors[self._time_out]

    def count(self, trouble: OSError | WrongAnswer, since: float | None) -> None:
        """An error. A question that was given up counts among the latencies, too, as long as it was waited for."""
        if isinstance(trouble, TimeoutError) and trouble.errno is None and since is not None:
            self.given_up(since)
        else:
            self.errors[str(trouble) if isinstance(trouble, WrongAnswer) else NAMES.get(trouble.errno or 0, str(trouble))] += 1

    def given_up(self, since: float) -> None:
        """A question that was due, or asked, at `since` has waited too long."""
        self.latencies.append(now() - since)
        self.errors[self._time_out] += 1

    def result(self, waiting: list[float], starved: int) -> dict:
        """All of it, as numbers; `waiting` are the moments since which questions without an answer have waited."""
        self.latencies.extend(now() - since for since in waiting)
        return {
            "seconds": self.ended - self.began,
            "answers": self.counted,
            "errors": +self.errors,
            "unanswered": len(waiting),
            "starved": starved,
            "quantiles": quantiles(self.latencies),
            "generator_cpu": self._cpu,
        }


# ---------------------------------------------------------------- all of them


class Crowd:
    """All clients, and the loop that wakes them. `say` is called with a dictionary, again and again: the progress."""

    def __init__(self, address, load, say):
        self.address, self.load, self.say = address, load, say
        self.selector = selectors.DefaultSelector()
        self.questions = load.questions()
        self.clients = []
        self.agenda = []  # a heap of (when, number, what to do)
        self.numbers = itertools.count()
        self.free, self.overdue = deque(), deque()  # open loop: clients without a question; questions without a client
        self.phase, self.asking, self.dismissed = "connecting", True, False
        self.tally = Tally(load)

    def start_measuring(self):
        for client in self.clients:
            client.answers = 0
        self.tally.restart()

    def run(self):
        """Play the load; return what was measured, as a dictionary of numbers."""
        require_descriptors(self.load.connections + self.load.idle + 20)
        self.arrive()
        self.tick()
        while not (self.phase == "measured" and self.dismissed and self.is_drained()):
            wait = self.do_what_is_due()
            for key, _ in self.selector.select(wait):
                key.data()
        return self.result()

    def at(self, when, action):
        heapq.heappush(self.agenda, (when, next(self.numbers), action))

    def do_what_is_due(self):
        """Returns the seconds until the next thing is due. epoll counts in milliseconds: less than that is not slept, but spun."""
        while (wait := self.agenda[0][0] - now()) <= 0:
            heapq.heappop(self.agenda)[2]()
        return wait if wait > 0.001 or not self.load.rate else 0

    # ------------------------------------------------------------ the phases: connecting, warming up, measuring, measured

    def arrive(self):
        """New clients come in groups: more when the earlier ones are answered, and a few more in any case."""
        load, clients = self.load, self.clients
        unheard = sum(not client.answers for client in clients)
        for _ in range(max(GROUP - unheard, GROUP // 20)):
            if len(clients) == load.connections + load.idle:
                break
            life = Client.stay_silent if len(clients) < load.idle else Client.ask_on_and_on
            clients.append(client := Client(self, life))
            client.wake()
        if len(clients) < load.connections + load.idle:
            self.at(now() + ARRIVAL, self.arrive)
        else:
            self.settle(now() + load.answer_timeout)

    def settle(self, deadline):
        """Nothing is measured before the idle clients are there and the server knows of them; some models never see them."""
        if now() < deadline and not all(client.answers for client in self.clients[: self.load.idle]):
            self.at(now() + ARRIVAL, lambda: self.settle(deadline))
        elif self.phase == "connecting":  # not stopped meanwhile
            self.phase = "warming up"
            self.at(now() + self.load.warm_up, self.begin)
            if self.load.rate:
                self.first_due, self.due = now(), itertools.count(1)
                self.question_due()

    def begin(self):
        if self.phase == "warming up":
            self.phase = "measuring"
            self.start_measuring()
            self.say({"phase": self.phase, "passed": 0, "answers": 0, "errors": {}})
            self.at(self.tally.began + self.load.seconds, self.end)

    def end(self):
        """No more questions; what was measured stays measured, also when it is stopped early."""
        if self.phase == "measured":
            return
        if self.phase != "measuring":
            self.start_measuring()
        self.phase, self.asking = "measured", False
        self.tally.stop()
        self.say({"phase": self.phase})

    def dismiss(self):
        """The crowd may go. Until then the connections stay open, so that one may look at the server that has to bear them."""
        self.dismissed = True

    def is_drained(self):
        return now() > self.tally.ended + DRAIN or not self.overdue and all(client.since is None for client in self.clients)

    # ------------------------------------------------------------ what is due

    def question_due(self):
        """Open loop: a question is due now, whether a client is free for it or not."""
        if not self.asking:
            return
        due = self.first_due + (next(self.due) - 1) / self.load.rate
        if self.free:
            client = self.free.popleft()
            client.since = due
            client.wake()
        else:
            self.overdue.append(due)
        self.at(due + 1 / self.load.rate, self.question_due)

    def tick(self):
        """Look who has waited too long, and tell how it goes."""
        too_long = now() - self.load.answer_timeout
        for client in self.clients:
            if client.since is not None and client.since < too_long:
                client.life.throw(TimeoutError())
        while self.overdue and self.overdue[0] < too_long:
            self.tally.given_up(self.overdue.popleft())
        if self.phase != "measured":
            passed = now() - self.tally.began if self.phase == "measuring" else 0
            self.say({"phase": self.phase, "passed": passed, "answers": self.tally.answers, "errors": dict(self.tally.errors)})
        self.at(now() + TICK, self.tick)

    def result(self):
        waiting = [*self.overdue, *(client.since for client in self.clients if client.since is not None)]
        return self.tally.result(waiting, sum(not client.answers for client in self.clients[self.load.idle :]))


def quantiles(values: Iterable[float]) -> list[float]:
    """The exact quantiles of these values, by nearest rank: the smallest, then the 1st, 2nd ... 1000th of a thousand; [] of none."""
    ordered = sorted(values)
    return [ordered[max(math.ceil(step * len(ordered) / 1000) - 1, 0)] for step in range(1001)] if ordered else []


def require_descriptors(needed: int) -> None:
    """Each client needs a descriptor: end the program where it may not have so many."""
    allowed = sockets.allow_descriptors()
    if allowed is not None and 0 < allowed < needed:  # RLIM_INFINITY is -1
        sys.exit(f"{needed} descriptors are needed, and this system lets a process have {allowed}. Take fewer connections.")


# ---------------------------------------------------------------- the program


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="such as 127.0.0.1:6666")
    for field in dataclasses.fields(Load):
        name = "--" + field.name.replace("_", "-")
        if field.type is bool:
            parser.add_argument(name, action="store_true")
        else:
            parser.add_argument(name, type=field.type, default=field.default, help=f"({field.default})")
    parser.add_argument("--json", action="store_true", help="for programs: a JSON object in each line; ends with standard input")
    options = vars(parser.parse_args())
    as_json = options.pop("json")
    try:
        address, load = address_of(options.pop("address")), Load(**options)
    except ValueError as problem:
        sys.exit(str(problem))
    crowd = Crowd(address, load, say_json if as_json else say)
    signal.signal(signal.SIGINT, lambda *_: crowd.at(0, crowd.end))  # what is measured by then is kept
    try:
        heard = as_json and crowd.selector.register(0, READ, lambda: obey(crowd))
    except (OSError, ValueError):  # /dev/null, a file, or none at all: it cannot be waited for, and says nothing
        heard = None
    if not heard:
        crowd.dismiss()
    result = crowd.run()
    say_json({"result": result}) if as_json else print(summary(result))


def obey(crowd):
    """What a program wants: `stop` to end early; `go`, when it has seen enough; or it has gone, and so does this one."""
    words = os.read(0, 100).split()
    if b"stop" in words or not words:
        crowd.end()
    if b"go" in words or not words:
        crowd.dismiss()
    if not words:
        crowd.selector.unregister(0)


def say_json(progress):
    try:
        print(json.dumps(progress), flush=True)
    except BrokenPipeError:  # nobody listens any more
        os._exit(1)


def say(progress):
    if progress.get("passed") and sys.stderr.isatty():
        print(f"\r{progress['phase']}: {progress['passed']:.1f} s, {progress['answers']} answers", end="", file=sys.stderr)


def summary(result):
    percentiles = result["quantiles"] and [result["quantiles"][step] * 1000 for step in (500, 900, 990, 1000)]
    troubles = ", ".join(f"{number} {what}" for what, number in result["errors"].items()) or "no errors"
    lines = [
        f"{result['answers']} answers in {result['seconds']:.2f} s: {result['answers'] / (result['seconds'] or 1):.0f} a second"
    ]
    if percentiles:
        lines.append("latency: p50 {:.3f} ms, p90 {:.3f} ms, p99 {:.3f} ms, longest {:.3f} ms".format(*percentiles))
    lines.append(f"{troubles}; {result['unanswered']} unanswered at the end, {result['starved']} clients never answered")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
