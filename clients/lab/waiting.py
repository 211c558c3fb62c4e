"""Waiting for something to be seen, and no longer: what a cell does instead of sleeping and hoping."""

import asyncio
import time


class NotSeen(TimeoutError):
    """What was waited for did not happen in time."""


async def until(condition, seconds=20):
    """Wait until condition() is true, and return what it returned. Raises NotSeen after that many seconds."""
    deadline = time.monotonic() + seconds
    while not (seen := condition()):
        if time.monotonic() > deadline:
            raise NotSeen(
                f"waited {seconds} s for something that did not happen. Did you run the cells above, in their order? "
                "Does the server still run? print(server.log) shows what it has said."
            )
        await asyncio.sleep(0.01)
    return seen
