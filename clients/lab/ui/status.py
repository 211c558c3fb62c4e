"""The line in which a panel says how its last action went, and buttons and fields that start actions."""

import html
import time
import warnings

import ipywidgets as widgets

from clients.lab.lab_client import duration
from clients.lab.ui.tasks import current_loop, start

SIGNS = {
    "ready": ("○", "var(--jp-ui-font-color2, #888)"),
    "busy": ("◐", "var(--jp-warn-color1, #b45309)"),
    "done": ("●", "var(--jp-success-color1, #2e7d32)"),
    "failed": ("✕", "var(--jp-error-color1, #c62828)"),
}


class Status:
    """A line for eyes and screen readers. `with status.of("sending"):` says what goes on, and afterwards how it went."""

    def __init__(self):
        self.loop = current_loop()
        self.state, self.words = "ready", "nothing done yet"
        self.widget = widgets.HTML()
        self.buttons = []
        self.say("ready", self.words)

    def say(self, state, words):
        self.state, self.words = state, words
        sign, colour = SIGNS[state]
        self.widget.value = (
            f'<div role="status" aria-live="polite"><span aria-hidden="true" style="color: {colour}">{sign}</span> '
            f"{html.escape(words)}</div>"
        )
        for button in self.buttons:
            button.disabled = state == "busy"

    async def doing(self, words, work):
        """Say `words` while `work`, a coroutine, goes on; say how it ended, and return or raise what it does."""
        self.say("busy", f"{words} ...")
        began = time.monotonic_ns()
        try:
            result = await work
        except BaseException as problem:
            self.say("failed", f"{words}: {problem or repr(problem)}")
            raise
        self.say("done", f"{words}: done in {duration(time.monotonic_ns() - began)}")
        return result

    def button(self, label, tooltip, action):
        """A button that starts what `action()` returns, a coroutine. While one action goes on, no other can be started."""
        button = widgets.Button(description=label, tooltip=tooltip, layout=widgets.Layout(width="max-content"))
        button.on_click(lambda _: self.start(action()))
        self.buttons.append(button)
        return button

    def start(self, coroutine):
        start(coroutine, self.loop or current_loop(), self.failed)

    def failed(self, problem):
        """What a click has led to stands in the line."""
        self.say("failed", self.words if self.state == "failed" else str(problem) or repr(problem))


def text(label, value, action=None, width="360px"):
    """A field of one line with its label; Enter starts `action()`."""
    field = widgets.Text(value=value, description=label, style={"description_width": "90px"}, layout=widgets.Layout(width=width))
    if action:
        with warnings.catch_warnings():  # deprecated, but there is no other way to hear the Enter key
            warnings.simplefilter("ignore", DeprecationWarning)
            field.on_submit(lambda _: action())
    return field


def area(label, value):
    """A field of several lines with its label."""
    layout = widgets.Layout(width="560px", height="90px")
    return widgets.Textarea(value=value, description=label, style={"description_width": "90px"}, layout=layout)


def table(caption, heads, rows, nothing):
    """A small table as HTML; `nothing` is said in place of one without rows."""
    if not rows:
        return f'<div style="color: var(--jp-ui-font-color2, #888)">{html.escape(nothing)}</div>'
    cell = "padding: 2px 16px 2px 0; line-height: 1.4; text-align: left; white-space: pre-wrap; vertical-align: top"

    def row(cells, tag):
        return "<tr>" + "".join(f'<{tag} style="{cell}">{html.escape(str(one))}</{tag}>' for one in cells) + "</tr>"

    body = "".join(row(cells, "td") for cells in rows)
    return (
        f'<table style="border-collapse: collapse; margin: 4px 0"><caption style="text-align: left">{html.escape(caption)}</caption>'
        f"<thead>{row(heads, 'th')}</thead><tbody>{body}</tbody></table>"
    )
