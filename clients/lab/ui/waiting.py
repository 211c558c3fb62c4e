"""Waiting for something to be seen, and no longer: what a cell does instead of sleeping and hoping."""

import asyncio
import socket
import time


class NotSeen(TimeoutError):
    """What was waited for did not happen in time."""


async def wait_until(condition, seconds=20):
    """Wait until condition() is true. Raises NotSeen after that many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise NotSeen(
                f"waited {seconds} s for something that did not happen. Did you run the cells above, in their order? "
                "Does the server still run? print(server.log) shows what it has said."
            )
        await asyncio.sleep(0.01)


async def wait_until_idle(server, seconds=20):
    """Wait until every process of a server waits or has ended: all that its clients have sent is dealt with by then.

    What has come for a process makes it runnable at once (sched(7)), so one that still has something to do does not look idle.
    Raises NotSeen after that many seconds.
    """
    await wait_until(lambda: all(process.state in ("waiting", "zombie") for process in server.processes()), seconds)


async def wait_until_free(port, seconds=65):
    """Wait until a server can bind this TCP port: connections of an earlier one may be in TIME_WAIT for a minute."""

    def free():
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
        return True

    try:
        await wait_until(free, seconds)
    except NotSeen:
        raise NotSeen(
            f"port {port} is not free after {seconds} s. Does a server of another notebook have it? Stop it there."
        ) from None
