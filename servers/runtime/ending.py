"""How a server's process tree is ended: SIGTERM, a grace time, SIGKILL; its own process first. Standard library only, like process_tree."""

import os
import time
from _signal import SIGKILL, SIGTERM  # signal itself makes enums of all its numbers, which costs a millisecond per launch

from servers.runtime import process_tree

GRACE = 1.0  # seconds between SIGTERM and SIGKILL
GRACE_AFTER_DEATH = 2  # the same once the notebook is gone


def to_end(supervisor, server):
    """Return the processes still to end: all below the supervisor, except zombies that a process outside the tree has to reap."""
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
    """End them all: SIGTERM, the server's own process first; `grace` seconds; SIGKILL. Returns when none is left.

    A master process ends its workers itself and counts them: signalled at the same moment, they would be gone before it does.
    It has half of the grace time for that; then the others are signalled as well.
    `reap` is called repeatedly: the supervisor is the parent of the orphans, and an unreaped zombie counts as left.
    """
    begun = time.monotonic()
    asked = set()
    while left := to_end(supervisor, server):
        passed = time.monotonic() - begun
        late, all_are_told = passed > grace, passed > grace / 2 or server not in left
        for pid in left:
            if late or pid not in asked and (all_are_told or pid == server):
                asked.add(pid)
                try:
                    os.kill(pid, SIGKILL if late else SIGTERM)
                except ProcessLookupError:  # it has ended meanwhile
                    pass
        reap()
        if passed > grace + 5:
            break  # in the kernel's hands (uninterruptible sleep): nothing more can be done
        time.sleep(0.005)
