"""The reordering buffer: puts facts that arrive late and out of order back into the order in which they happened.

The server's processes and the clients report with different delays, so every fact is held for a moment.
"""

from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

MAX_HELD = 20_000  # facts; beyond that, the oldest count as settled


class Reordering:
    """Hold facts until they are settled, that is, until nothing earlier can still arrive."""

    def __init__(self):
        self._held: list[tuple[int, Any]] = []

    def hold(self, at: int, fact: Any) -> None:
        """Hold a fact that happened at this moment (nanoseconds)."""
        self._held.append((at, fact))

    def release(self, settled_at: int | None = None) -> Iterator[tuple[int, Any]]:
        """Release what happened up to `settled_at` (None: everything), as (moment, fact), earliest first."""
        self._held.sort(key=itemgetter(0))  # stable: facts of one moment stay in the order of arrival
        count = len(self._held) if settled_at is None else bisect_right(self._held, settled_at, key=itemgetter(0))
        count = max(count, len(self._held) - MAX_HELD)
        released, self._held = self._held[:count], self._held[count:]
        return iter(released)
