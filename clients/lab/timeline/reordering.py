"""The reordering buffer: facts that arrive late and mixed are taken up in the order in which they happened.

The server's processes and the clients report on ways of different length. So all that comes is held for a moment.
"""

from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

MAX_HELD = 20_000  # facts; when there are more, the oldest are taken as settled


class Reordering:
    """Holds facts until they are settled: until nothing earlier can arrive any more."""

    def __init__(self):
        self._held: list[tuple[int, Any]] = []

    def hold(self, at: int, fact: Any) -> None:
        """Keep a fact of this moment (nanoseconds)."""
        self._held.append((at, fact))

    def release(self, settled_at: int | None = None) -> Iterator[tuple[int, Any]]:
        """Let go of what happened up to `settled_at` (None: of everything), as (moment, fact), the earliest first."""
        self._held.sort(key=itemgetter(0))  # stable: of one moment, what came first stays first
        count = len(self._held) if settled_at is None else bisect_right(self._held, settled_at, key=itemgetter(0))
        count = max(count, len(self._held) - MAX_HELD)
        released, self._held = self._held[:count], self._held[count:]
        return iter(released)
