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

GROUP = 100  # clients that may be new at a time: the server's backlog (128) has room for them
ARRIVAL = 0.005  # seconds between two looks whether more clients may come
TICK = 0.1  # seconds between two reports of progress, and between two looks for time-outs
DRAIN = 0.5  # seconds at the end in which answers to earlier questions may still come


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


def require_descriptors(needed: int) -> None:
    """Each client needs a descriptor: end the program where it may not have so many."""
    allowed = sockets.allow_descriptors()
    if allowed is not None and 0 < allowed < needed:  # RLIM_INFINITY is -1
        sys.exit(f"{needed} descriptors are needed, and this system lets a process have {allowed}. Take fewer connections.")
