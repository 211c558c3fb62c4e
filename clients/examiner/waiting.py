"""How long to wait for a server that does not answer: no longer than it is seen to do something."""

import os
import time

AT_REST = 1.5  # seconds in which no thread of the server has run: it waits for us as we wait for it, and nothing will come
LOOK = 0.1  # seconds between two looks at its threads
RUNNABLE = b"R", b"D"  # states of a thread that runs, wants to, or waits for a disk, proc(5)
HAS_PROC = os.path.exists("/proc/self/task")  # Linux


class Waiting:
    """Waiting for a server: over after so many seconds, or when it is seen that the server waits, too."""

    def __init__(self, exam, seconds, at_rest=AT_REST):
        self._exam, self._seconds, self._at_rest = exam, seconds, at_rest
        self.begin()

    def begin(self):
        """Wait from now on: something has come."""
        self._since = self._looked = time.monotonic()
        self._end = self._since + self._seconds
        self._used = None

    @property
    def is_over(self):
        now = time.monotonic()
        if now > self._end:
            return True
        if self._exam.server is None or not HAS_PROC or now < self._looked + LOOK:
            return False
        threads = self._exam.threads()
        used = [(fields[11], fields[12]) for fields in threads]  # ticks in user and kernel mode
        if used != self._used or any(fields[0] in RUNNABLE for fields in threads):
            self._used, self._since = used, now
        self._looked = time.monotonic()
        return now > self._since + self._at_rest
