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


class Clicks:
    """What clicks start, and why the last one failed: `trouble`, in words.

    changed() is called when something failed. What is an instance of `known` is no news: the panel's own state tells of it.
    """

    def __init__(self, changed, known=()):
        self.trouble = ""
        self._changed, self._known = changed, known
        self._loop = current_loop()

    def start(self, coroutine, loop=None):
        """Start a coroutine on this loop, or on the one on which the panel was made."""
        self.trouble = ""
        start(coroutine, loop or self._loop or current_loop(), self.failed)

    def failed(self, problem):
        """Keep in words what was raised."""
        if not isinstance(problem, self._known):
            self.trouble = str(problem) or repr(problem)
        self._changed()


class Clockwork:
    """Calls update() several times a second while waiting() is true, so that a panel can show for how long."""

    def __init__(self, waiting, update, failed):
        self.running = False
        self.period = 0.2  # seconds
        self._waiting, self._update, self._failed = waiting, update, failed

    def start(self, loop):
        """Begin, unless it is running."""
        if not self.running and loop is not None:
            self.running = True
            start(self._run(), loop, self._failed)

    async def _run(self):
        try:
            while self._waiting():
                await asyncio.sleep(self.period)
                self._update()
        finally:
            self.running = False
