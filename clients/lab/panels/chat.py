"""People in a chat, side by side, each in a pane and driven by clicks or by code."""

import asyncio
import html
from collections import deque

import ipywidgets as widgets

from clients.examiner.chat import ANSWERS
from clients.lab.lab_client import ClientError, LabClient
from clients.lab.panels.client_panel import ByName, mood_of
from clients.lab.ui.boxes import newest_last
from clients.lab.ui.colours import colour_at
from clients.lab.ui.fields import WRAP, button, rest, text_field
from clients.lab.ui.status import status_line
from clients.lab.ui.tasks import Clicks
from clients.lab.ui.waiting import wait_until

NAMES = ("ann", "ben", "cem")
HELP = "text, or a /COMMAND"


class Person(LabClient):
    """A person in a chat, who receives answers to their own commands, and news of the others.

    `await ann.send("SAY hello")` returns the answer, `await ben.hears("SAID ann hello")` waits for the news.
    `ann.transcript` holds the last lines sent (with "> " in front) and received.
    """

    MAX_TRANSCRIPT = 500

    def __init__(self, server, name, **options):
        super().__init__(server, name, **options)
        self.transcript, self.news = deque(maxlen=self.MAX_TRANSCRIPT), deque(maxlen=self.MAX_TRANSCRIPT)

    async def connect(self):
        """Connect and send the name. Does nothing if already connected."""
        if not self.connected:
            await super().connect()
            await self.send(f"NAME {self.name}", self.timeout)

    async def send(self, text, timeout=30):
        """Send a command and return its answer. Raises ClientError."""
        if not self.connected:
            await self.connect()
        self.transcript.append(f"> {text}")
        self._changed()
        return await super().send(text, timeout)

    async def keeps_saying(self, text, times):
        """Say a text again and again, each time after the previous one is answered; return the number of answers.

        Gives up if an answer does not come within 4 s; that answer may still come later.
        """
        for number in range(times):
            done, _ = await asyncio.wait([self.ask(f"SAY {text}")], timeout=4)
            if not done:
                return number
        return times

    async def hears(self, news, seconds=20):
        """Wait until this news has come. Raises NotSeen after this many seconds."""
        await wait_until(lambda: news in self.news, seconds)

    def _received(self, text, size):
        self.transcript.append(text)
        if not _is_answer(text):
            self.news.append(text)
        super()._received(text, size)

    def _belongs_to_a_question(self, text):
        return _is_answer(text) and super()._belongs_to_a_question(text)


def _is_answer(text):
    """Return whether a line of the server answers a command; otherwise it is news of another person."""
    return text.split(" ")[0] in ANSWERS


class Chat(ByName):
    """People in a chat, side by side. `chat = Chat(server, "ann", "ben", "cem")` creates it; `chat` at the end of a cell shows it.

    `chat["ann"]` is a Person; `await chat.enter("kitchen")` lets all connect and join a room, one after the other.
    """

    UNKNOWN = "there is nobody called {!r} in this chat. It has: {}."
    PAUSE = 0.05  # seconds between two updates of a pane

    def __init__(self, server, *names):
        super().__init__(server)
        self._panes = {}
        for number, name in enumerate(names or NAMES):
            person = self._clients[name] = Person(server, name, accepts=self._accepts)
            self._panes[name] = _Pane(person, colour_at(number))
            person.observe(self._changed)
        self.widget = widgets.HBox([pane.widget for pane in self._panes.values()], layout=WRAP)

    async def enter(self, room=None):
        """Connect all, one after the other; each joins the room, if one is given."""
        for person in self:
            await person.connect()
            if room:
                await person.send(f"JOIN {room}", person.timeout)

    def _changed(self, person):
        """Update the pane soon, so that a burst of a hundred lines changes the page only once."""
        pane = self._panes[person.name]
        if person.loop is None or not person.loop.is_running():
            pane.update()
        elif not pane.due:
            pane.due = True
            person.loop.call_later(self.PAUSE, pane.update)

    def __repr__(self):
        text = [f"Chat on {self._where}"]
        for person in self:
            text += [f"  {person.name:6} {line}" for line in list(person.transcript)[-8:]] or [
                f"  {person.name:6} {person.state}"
            ]
        return "\n".join(text)

    def _repr_mimebundle_(self, **options):
        for pane in self._panes.values():
            pane.update()
        return self.widget._repr_mimebundle_(**options) | {"text/plain": repr(self)}


class _Pane:
    """The widgets of one person; the Person does the work."""

    MAX_LINES = 12  # lines of the transcript shown

    def __init__(self, person, colour):
        self.person = person
        self._clicks = Clicks(self.update, known=ClientError)
        self.lines = widgets.HTML()
        self.status = widgets.HTML()
        self.text = text_field(f"{person.name} says", "", self.click_send, "auto", "70px", placeholder=HELP)
        self.buttons = {
            "Send": button(f"Send as {person.name}", self.click_send, width=""),
            "Close": button(f"Close {person.name}", self.click_close, width=""),
        }
        self.widget = widgets.VBox(
            [
                widgets.HTML(f"<b>{html.escape(person.name)}</b>"),
                self.lines,
                self.text,
                widgets.HBox(list(self.buttons.values())),
                self.status,
            ],
            layout=widgets.Layout(width="270px", margin="0 12px 12px 0", padding="0 0 0 6px", border_left=f"4px solid {colour}"),
        )
        self.due = False  # an update is scheduled
        self.update()

    def click_send(self):
        """Handle a click on Send: say the text, or send what follows a / as a command."""
        text, self.text.value = self.text.value, ""
        if text:
            self._clicks.start(self.person.send(text[1:] if text.startswith("/") else f"SAY {text}", timeout=None), self.person.loop)

    def click_close(self):
        self._clicks.start(self.person.close(), self.person.loop)

    def update(self):
        """Show the transcript and the state. Assigning an unchanged value to a widget sends no message."""
        self.due = False
        person = self.person
        shown = [line[:200] for line in list(person.transcript)[-self.MAX_LINES :]]
        self.lines.value = newest_last(shown, f"what {person.name} sent and received")
        words = ". ".join(filter(None, [person.description, person.problem, self._clicks.trouble]))
        self.status.value = status_line(mood_of(person), words)
        rest(self.buttons["Close"], not person.connected)
