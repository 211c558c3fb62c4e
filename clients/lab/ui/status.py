"""The status line of a panel, also read by screen readers, and the actions whose outcome it shows."""

import html
import time

import ipywidgets as widgets

from clients.lab.ui import fields
from clients.lab.ui.colours import LIVE_ALARM, LIVE_GOOD, LIVE_MUTED, LIVE_WAITING
from clients.lab.ui.durations import duration
from clients.lab.ui.tasks import current_loop, start

# A sign and a colour for each mood; the words beside them repeat it.
SIGNS = {
    "ready": ("○", LIVE_MUTED),
    "busy": ("◐", LIVE_WAITING),
    "good": ("●", LIVE_GOOD),
    "failed": ("✕", LIVE_ALARM),
}


def status_line(mood, words):
    """Return a line of HTML that a screen reader announces when it changes. mood: a key of SIGNS."""
    sign, colour = SIGNS[mood]
    return (
        f'<div role="status" aria-live="polite"><span aria-hidden="true" style="color: {colour}">{sign}</span> '
        f"{html.escape(words)}</div>"
    )


def clock(since):
    """Return the time waited since this time.monotonic_ns(), in words. Show it beside the status line, not in it, so that a
    screen reader announces a state once, not five times a second."""
    return f"· for {(time.monotonic_ns() - since) / 1e9:.1f} s"


class Status:
    """The status line of a panel that does one thing at a time; its buttons rest while it is busy."""

    def __init__(self):
        self.loop = current_loop()
        self.widget = widgets.HTML()
        self._buttons = []
        self.say("ready", "nothing done yet")

    def say(self, mood, words):
        """Show a mood (a key of SIGNS) and words in the line."""
        self.mood, self.words = mood, words
        self.widget.value = status_line(mood, words)
        for button in self._buttons:
            fields.rest(button, mood == "busy")

    async def doing(self, words, work):
        """Show `words` while the coroutine `work` runs, then its outcome. Returns or raises what `work` does."""
        self.say("busy", f"{words} ...")
        began = time.monotonic_ns()
        try:
            result = await work
        except BaseException as problem:
            self.say("failed", f"{words}: {problem or repr(problem)}")
            raise
        self.say("good", f"{words}: done in {duration(time.monotonic_ns() - began)}")
        return result

    def button(self, label, tooltip, action):
        """Return a button that starts the coroutine that `action()` returns."""
        button = fields.button(label, lambda: self.start(action()), tooltip)
        self._buttons.append(button)
        return button

    def start(self, coroutine):
        """Start an action; show its failure in the line."""
        start(coroutine, self.loop or current_loop(), self._failed)

    def _failed(self, problem):
        self.say("failed", self.words if self.mood == "failed" else str(problem) or repr(problem))
