"""A cache for a slow measurement, taken every few seconds only."""

import time

LOOK = 2  # seconds between two calls of look()


class Seldom:
    """Cache the result of look(); call it again after LOOK seconds, and at once for another server process."""

    def __init__(self, look):
        self._look = look
        self._of = self._seen = None
        self._at = 0.0

    def __call__(self, of):
        if of != self._of or time.monotonic() > self._at:
            self._of, self._at, self._seen = of, time.monotonic() + LOOK, self._look()
        return self._seen

    def forget(self):
        """Drop the cached result."""
        self._at = 0.0
