"""Load: the parameters of a load."""

import dataclasses
import itertools
import random
from collections.abc import Iterator

MOST = 10_000  # clients


@dataclasses.dataclass(frozen=True)
class Load:
    """The parameters of a load. Raises ValueError for values that make no sense."""

    connections: int = 10  # clients that ask
    idle: int = 0  # more clients, which stay connected and silent
    seconds: float = 2.0  # how long to measure
    warm_up: float = 0.3  # seconds of the same load before that, which are not counted
    mix: str = "hello"  # what they ask: a line, or lines with their shares, as in "9 hello, 1 sleep 0.01"
    connect_each: bool = False  # a new connection for each question
    rate: float = 0  # open loop: questions per second, for all clients together; 0: closed loop
    udp: bool = False
    timeout: float = 0  # seconds until a client gives up; 0 means 5 over TCP, and 0.5 over UDP, where the question counts as lost

    def __post_init__(self):
        if not (0 <= self.connections and 0 <= self.idle and 1 <= self.connections + self.idle <= MOST):
            raise ValueError(f"connections and idle are numbers of clients: together 1 to {MOST:,}.")
        if not (0 < self.seconds <= 600 and 0 <= self.warm_up <= 60 and 0 <= self.timeout <= 600 and 0 <= self.rate <= 1e6):
            raise ValueError("seconds is 0 to 600, warm_up 0 to 60, timeout 0 to 600, rate 0 to 1,000,000.")
        if self.udp and self.idle:
            raise ValueError("UDP has no connections, so it has no idle clients either.")
        self.shares()

    @property
    def answer_timeout(self) -> float:
        return self.timeout or (0.5 if self.udp else 5)

    def shares(self) -> dict[str, int]:
        """Return {line: its share of the mix}."""
        shares = {}
        for part in self.mix.split(","):
            words = part.split()
            share = int(words.pop(0)) if len(words) > 1 and words[0].isdecimal() else 1
            if not words or not 0 < share <= 1000:
                raise ValueError(f"{self.mix!r} is not a mix. Write it like: hello, or: 9 hello, 1 sleep 0.01")
            shares[" ".join(words)] = share
        return shares

    def questions(self) -> Iterator[bytes]:
        """Yield the lines to ask, endlessly, in their shares; shuffled, but in the same order in every run."""
        lines = [line.encode() + b"\n" for line, share in self.shares().items() for _ in range(share)]
        random.Random(1).shuffle(lines)
        return itertools.cycle(lines)
