"""wait_until(condition): wait for what a cell needs, instead of sleeping and hoping."""

import asyncio
import time

from servers.runtime import process_tree


class NotSeen(TimeoutError):
    """What was waited for did not happen in time."""


async def wait_until(condition, seconds=20):
    """Wait until condition() is true. Raises NotSeen after that many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise NotSeen(
                f"waited {seconds} s for something that did not happen. Did you run the cells above in order? "
                "Is the server still running? print(server.log) shows what it has printed."
            )
        await asyncio.sleep(0.01)


async def wait_until_idle(server, seconds=20):
    """Wait until every process of a server waits or has ended: all that its clients have sent is dealt with by then.

    What has come for a process makes it runnable at once (sched(7)), so one that still has something to do does not look idle.
    But a look at many threads takes a while, in which one that waits may be woken by one that goes to wait: so nothing may have run
    between two looks. Raises NotSeen after that many seconds.
    """
    before = None

    def idle():
        nonlocal before
        pids = server.pids()
        now = [process_tree.activity(pid) for pid in pids] if all(map(process_tree.is_idle, pids)) else None
        same, before = now is not None and now == before, now
        return same

    await wait_until(idle, seconds)
    await asyncio.sleep(0.02)  # a turn for the clients of this notebook: what was sent to them has arrived
    await wait_until(idle, seconds)  # a process that waited for memory or a disk looks idle for a moment, too
