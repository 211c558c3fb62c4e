"""The counters of a load: answers, errors, latencies."""

import errno
import math
import time
from array import array
from collections import Counter
from collections.abc import Iterable
from time import perf_counter as now

from clients.load.client import WrongAnswer
from clients.load.load import Load

NAMES = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.EPIPE: "reset",
    errno.EADDRNOTAVAIL: "no free port",
    errno.EMFILE: "no free descriptor",
}


class Tally:
    """The measurements: latencies in seconds, answers, errors by name, and the CPU time that the load generator used."""

    def __init__(self, load: Load):
        self._time_out = "lost" if load.udp else "time-outs"
        self.latencies = array("d")
        self.restart()

    def restart(self) -> None:
        """Forget what was measured so far; the measured time begins now."""
        del self.latencies[:]
        self.errors: Counter[str] = Counter()
        self.began, self.ended, self.counted = now(), 0.0, 0
        self._cpu = time.process_time()

    def stop(self) -> None:
        """End the measured time: answers that come later are not counted."""
        self.counted = self.answers
        self.ended = now()
        self._cpu = time.process_time() - self._cpu

    @property
    def answers(self) -> int:
        return len(self.latencies) - self.errors[self._time_out]

    def count(self, trouble: OSError | WrongAnswer, since: float | None) -> None:
        """Count an error. A question that timed out also counts as a latency: the time that its client waited."""
        if isinstance(trouble, TimeoutError) and trouble.errno is None and since is not None:
            self.given_up(since)
        else:
            self.errors[str(trouble) if isinstance(trouble, WrongAnswer) else NAMES.get(trouble.errno or 0, str(trouble))] += 1

    def given_up(self, since: float) -> None:
        """Count a question that was due, or asked, at `since` and has waited too long."""
        self.latencies.append(now() - since)
        self.errors[self._time_out] += 1

    def result(self, waiting: list[float], starved: int) -> dict:
        """Return all of it as numbers; `waiting` holds the moments at which the questions still open were due or asked."""
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


def quantiles(values: Iterable[float]) -> list[float]:
    """Return the exact quantiles (nearest rank): the smallest value, then the 1st, 2nd ... 1000th of a thousand; [] for no values."""
    ordered = sorted(values)
    return [ordered[max(math.ceil(step * len(ordered) / 1000) - 1, 0)] for step in range(1001)] if ordered else []
