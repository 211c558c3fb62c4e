"""All clients, and the loop that wakes them."""

import heapq
import itertools
import selectors
import sys
from collections import deque
from time import perf_counter as now

from clients.load.client import Client
from clients.load.tally import Tally
from servers import sockets

GROUP = 100  # clients that may be waiting for their first answer: the backlog (128) has room for them
ARRIVAL = 0.005  # seconds between two checks whether more clients may connect
TICK = 0.1  # seconds between two progress reports, and between two checks for time-outs
DRAIN = 0.5  # seconds at the end in which answers to earlier questions may still come


class Crowd:
    """All clients, and the loop that wakes them. It reports progress by calling `say` with a dictionary, again and again."""

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
        """Run the load; return what was measured, as a dictionary of numbers."""
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
        """Run all actions that are due; return the seconds until the next one.

        With a rate, return 0 (busy-wait) for less than a millisecond: epoll counts in milliseconds.
        """
        while (wait := self.agenda[0][0] - now()) <= 0:
            heapq.heappop(self.agenda)[2]()
        return wait if wait > 0.001 or not self.load.rate else 0

    # ------------------------------------------------------------ the phases: connecting, warming up, measuring, measured

    def arrive(self):
        """Add new clients in groups: more of them when the earlier ones have been answered, and a few in any case."""
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
        """Wait until the server has answered all idle clients before measuring; the deadline is for models that never do."""
        if now() < deadline and not all(client.answers for client in self.clients[: self.load.idle]):
            self.at(now() + ARRIVAL, lambda: self.settle(deadline))
        elif self.phase == "connecting":  # unless it has been stopped meanwhile
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
        """Stop asking and counting; after an early stop, too, what was measured is kept."""
        if self.phase == "measured":
            return
        if self.phase != "measuring":
            self.start_measuring()
        self.phase, self.asking = "measured", False
        self.tally.stop()
        self.say({"phase": self.phase})

    def dismiss(self):
        """Let the clients leave. Until then their connections stay open, so that the server can be examined under the load."""
        self.dismissed = True

    def is_drained(self):
        return now() > self.tally.ended + DRAIN or not self.overdue and all(client.since is None for client in self.clients)

    # ------------------------------------------------------------ actions on the agenda

    def question_due(self):
        """Open loop: a question is due; give it to a free client, or queue it."""
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
        """Time out the questions that have waited too long, and report the progress."""
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


def require_descriptors(needed: int) -> None:
    """End the program if it may not have a descriptor for each client."""
    allowed = sockets.allow_descriptors()
    if allowed is not None and 0 < allowed < needed:  # RLIM_INFINITY is -1
        sys.exit(f"The load needs {needed} descriptors, but a process may have only {allowed} here. Use fewer connections.")
