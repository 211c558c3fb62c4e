"""A look that takes time, and is taken now and then only."""

import time

LOOK = 2  # seconds between two looks


class Seldom:
    """What look() returned last; it is called again after LOOK seconds, and at once for another server process."""

    def __init__(self, look):
        self._look = look
        self._of = self._seen = None
        self._at = 0.0

    def __call__(self, of):
        if of != self._of or time.monotonic() > self._at:
            self._of, self._at, self._seen = of, time.monotonic() + LOOK, self._look()
        return self._seen

    def forget(self):
        """Look anew at the next call."""
        self._at = 0.0
