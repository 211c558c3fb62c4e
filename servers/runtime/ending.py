"""How a server's process tree ends: SIGTERM, a grace time, SIGKILL. Standard library only, as process_tree."""

import os
import time
from _signal import SIGKILL, SIGTERM  # signal itself makes enums of all its numbers: a millisecond of each launch

from servers.runtime import process_tree

GRACE = 1.0  # seconds between SIGTERM and SIGKILL
GRACE_AFTER_DEATH = 2  # the same when the notebook has gone


def to_end(supervisor, server):
    """Who is still to be ended: all below the supervisor but zombies whose parent is a stranger, which are not ours to reap."""
    found, tree = [], process_tree.pids(supervisor, server)
    for pid in tree:
        try:
            state, parent = process_tree.state(pid)
        except OSError:
            continue
        if state not in process_tree.ENDED or parent in (supervisor, *tree):
            found.append(pid)
    return found


def end(supervisor, server, grace, reap=lambda: None):
    """End them all: SIGTERM, parents before their children; `grace` seconds; SIGKILL. Returns when none is left.

    `reap` is called again and again: the supervisor is the parent of the orphans, and a zombie counts as left.
    """
    deadline = time.monotonic() + grace
    asked = set()
    while left := to_end(supervisor, server):
        late = time.monotonic() > deadline
        for pid in left:
            if late or pid not in asked:
                try:
                    os.kill(pid, SIGKILL if late else SIGTERM)
                except ProcessLookupError:  # it has gone meanwhile
                    pass
            asked.add(pid)
        reap()
        if late and time.monotonic() > deadline + 5:
            break  # in the kernel's hands (uninterruptible sleep): nothing more can be done
        time.sleep(0.005)
