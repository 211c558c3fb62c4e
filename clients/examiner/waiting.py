"""How long to wait for a server that does not answer: no longer than it is seen to do something."""

import contextlib
import os
import time

from servers.runtime import process_tree

AT_REST = 1.5  # seconds in which no thread of the server has run: it waits for us as we wait for it, and nothing will come
LOOK = 0.1  # seconds between two looks at its threads
MOST = 3 * LOOK  # seconds between two looks that count: in what is longer, this machine stood still, or had no turn for us
RUNNABLE = b"R", b"D"  # states of a thread that runs, wants to, or waits for a disk, proc(5)
HAS_PROC = os.path.exists("/proc/self/task")  # Linux


class Waiting:
    """Waiting for a server: over after so many seconds, or when it is seen that the server waits, too.

    Only seconds count in which somebody looks. So who finds that it is over looks once more at what was waited for:
    it may have come in those that do not count.
    """

    def __init__(self, server, seconds, at_rest=AT_REST):
        self._server, self._seconds, self._at_rest = server, seconds, at_rest
        self.begin()

    def begin(self):
        """Wait from now on: something has come."""
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
    """What Linux tells of each thread of a Server, see process_tree.threads. Elsewhere nothing."""
    found = []
    for pid in server.pids():
        with contextlib.suppress(OSError):  # gone meanwhile
            found += process_tree.threads(pid)
    return found


def is_ending(server):
    """Has its own process ended, and word of it is still on its way to us?"""
    with contextlib.suppress(OSError):
        return server.running and any(fields[0] == b"Z" for fields in process_tree.threads(server.pid))
    return False
