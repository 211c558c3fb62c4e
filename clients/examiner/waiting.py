"""How long to wait for a server that does not answer: no longer than it shows activity."""

import contextlib
import os
import time

from servers.runtime import process_tree

AT_REST = 1.5  # seconds without a thread of the server running: it waits for us as we wait for it, and nothing will come
LOOK = 0.1  # seconds between two checks of its threads
MOST = 3 * LOOK  # seconds that count between two checks: if more have passed, this machine was suspended or too busy to run us
RUNNABLE = b"R", b"D"  # states of a thread that is running, runnable, or waiting for a disk, proc(5)
HAS_PROC = os.path.exists("/proc/self/task")  # Linux


class Waiting:
    """A wait for a server: it is over after so many seconds, or once the server is seen to be waiting, too.

    Only the time covered by checks counts. So a caller that finds the wait over must check its condition once more:
    it may have become true in the time that does not count.
    """

    def __init__(self, server, seconds, at_rest=AT_REST):
        self._server, self._seconds, self._at_rest = server, seconds, at_rest
        self.begin()

    def begin(self):
        """Start the wait again: something has come."""
        self._asked = self._looked = time.monotonic()
        self._waited = self._rested = 0
        self._used = None

    @property
    def is_over(self):
        now = time.monotonic()
        self._waited += min(now - self._asked, MOST)
        self._asked = now
        if self._waited > self._seconds:
            return True
        if self._server is None or not HAS_PROC or now < self._looked + LOOK:
            return False
        threads = threads_of(self._server)
        used = [(fields[11], fields[12]) for fields in threads]  # ticks in user and kernel mode
        if used != self._used or any(fields[0] in RUNNABLE for fields in threads):
            self._used, self._rested = used, 0
        else:
            self._rested += min(now - self._looked, MOST)
        self._looked = time.monotonic()
        return self._rested > self._at_rest


def threads_of(server):
    """Return the /proc fields of each thread of a Server, see process_tree.threads; [] where there is no /proc."""
    found = []
    for pid in server.pids():
        with contextlib.suppress(OSError):  # gone meanwhile
            found += process_tree.threads(pid)
    return found


def is_ending(server):
    """Return whether the server's main process has ended, but has not been reported to us yet."""
    with contextlib.suppress(OSError):
        return server.running and any(fields[0] == b"Z" for fields in process_tree.threads(server.pid))
    return False
