"""wait_until(condition): wait for a condition that a cell needs, instead of sleeping and hoping."""

import asyncio
import time

from servers.runtime import process_tree


class NotSeen(TimeoutError):
    """The condition did not become true in time. Only the message is shown in a notebook."""

    def _render_traceback_(self):
        return [str(self)]


async def wait_until(condition, seconds=20):
    """Wait until condition() is true. Raises NotSeen after this many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise NotSeen(
                f"waited {seconds} s for something that did not happen. Did you run the cells above in order? "
                "Is the server still running? print(server.log) shows what it has printed."
            )
        await asyncio.sleep(0.01)


async def wait_until_idle(server, seconds=20):
    """Wait until every process of a server is blocked or has ended: it has then handled everything its clients have sent.

    Data that arrives makes a process runnable at once (sched(7)), so a process with work left does not look idle. But checking
    many threads takes time, and a blocked thread may be woken meanwhile by one that then blocks itself. So two checks in a row
    must find that nothing has run between them. Raises NotSeen after this many seconds.
    """
    before = None

    def idle():
        nonlocal before
        pids = server.pids()
        now = [process_tree.activity(pid) for pid in pids] if all(map(process_tree.is_idle, pids)) else None
        same, before = now is not None and now == before, now
        return same

    await wait_until(idle, seconds)
    await asyncio.sleep(0.02)  # lets this notebook's clients receive what was sent to them
    await wait_until(idle, seconds)  # a process that waits for memory or a disk also looks idle briefly
