"""Start work from a click: as an asyncio task on the loop that the notebook's cells use.

A click arrives on the kernel's main thread or, with ipykernel 7.0 to 7.3, on a separate thread.
"""

import asyncio


def current_loop():
    """Return the running asyncio loop; None if there is none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def start(coroutine, loop, failed):
    """Run a coroutine on the loop, from any thread; call `failed(problem)` with its exception, which would otherwise be lost."""

    async def guarded():
        try:
            await coroutine
        except Exception as problem:
            failed(problem)

    if loop is None or loop.is_closed():
        coroutine.close()
        failed(RuntimeError("no event loop is running here: in a script, await the methods inside asyncio.run() instead"))
    else:
        # Wakes the loop if this is another thread; on the loop's own thread it only queues the task.
        asyncio.run_coroutine_threadsafe(guarded(), loop)


class Clicks:
    """Start coroutines from clicks, and keep the last failure in words in `trouble`.

    changed() is called after each failure. Exceptions of the types in `known` are not kept: the panel's own state shows them.
    """

    def __init__(self, changed, known=()):
        self.trouble = ""
        self._changed, self._known = changed, known
        self._loop = current_loop()

    def start(self, coroutine, loop=None):
        """Start a coroutine on this loop, or on the loop in which the panel was created."""
        self.trouble = ""
        start(coroutine, loop or self._loop or current_loop(), self.failed)

    def failed(self, problem):
        """Keep the exception in words."""
        if not isinstance(problem, self._known):
            self.trouble = str(problem) or repr(problem)
        self._changed()


class Clockwork:
    """Call update() several times a second while waiting() is true, so that a panel can show the time waited."""

    def __init__(self, waiting, update, failed):
        self.running = False
        self.period = 0.2  # seconds
        self._waiting, self._update, self._failed = waiting, update, failed

    def start(self, loop):
        """Start, unless already running."""
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
