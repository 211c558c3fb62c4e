"""How a click starts work: as an asyncio task on the loop that the notebook's cells use.

Where a click arrives differs: on the kernel's main thread, or (ipykernel 7.0 to 7.3) on a thread of its own.
"""

import asyncio


def current_loop():
    """The running asyncio loop, or None outside one."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def start(coroutine, loop, failed):
    """Run a coroutine on the loop, from whatever thread; `failed(problem)` gets the exception, which would be lost otherwise."""

    async def guarded():
        try:
            await coroutine
        except Exception as problem:
            failed(problem)

    if loop is None or loop.is_closed():
        coroutine.close()
        failed(RuntimeError("no event loop is running here: in a script, await the methods inside asyncio.run() instead"))
    else:
        # From another thread the loop has to be woken; from its own this only queues the task.
        asyncio.run_coroutine_threadsafe(guarded(), loop)
