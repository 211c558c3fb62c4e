"""Clients side by side: each connects, sends and closes independently, by click or by code."""

import asyncio
import functools
import html
import time
import weakref

import ipywidgets as widgets

from clients.lab.lab_client import Accepts, ClientError, LabClient
from clients.lab.ui.colours import colour_at
from clients.lab.ui.fields import WRAP, button, rest, text_field
from clients.lab.ui.status import clock, status_line
from clients.lab.ui.tasks import Clicks, Clockwork, current_loop, start
from clients.lab.ui.waiting import wait_until

NAMES = ("Ann", "Ben", "Cem", "Dora", "Emil", "Fay", "Gus", "Hana")

_MOODS = {
    "not connected": "ready",
    "closed": "ready",
    "connecting": "busy",
    "connected, not accepted yet": "busy",
    "waiting": "busy",
    "waiting, not accepted yet": "busy",
    "ready": "good",
    "connected": "good",
    "answered": "good",
}

# (address, name) -> client: a cell that is run again creates a new Ann, and the old one must not keep the server busy.
_in_use = weakref.WeakValueDictionary()


class ByName:
    """Clients of a server (or of an address), found by name, that close at the end of an `async with` block."""

    UNKNOWN = "there is no client {!r} in this panel. It has: {}."

    def __init__(self, server):
        self.server, self.loop = server, current_loop()
        self._accepts = None if isinstance(server, tuple) else Accepts(server)
        self._clients = {}  # by name

    @property
    def _where(self):
        return getattr(self.server, "name", None) or "{}:{}".format(*self.server)

    async def close(self):
        await asyncio.gather(*(client.close() for client in self))

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.close()

    def __getitem__(self, name):
        if name not in self._clients:
            raise LookupError(self.UNKNOWN.format(name, ", ".join(self._clients)))
        return self._clients[name]

    def __iter__(self):
        return iter(list(self._clients.values()))

    def __len__(self):
        return len(self._clients)


class ClientPanel(ByName):
    """Clients of a server (or of an address), by name: `panel = ClientPanel(server, "Ann", "Ben")`.

    `panel["Ann"]` is a LabClient; `for client in panel` yields all of them. `panel` at the end of a cell shows the panel.
    """

    MOMENT = 0.03  # seconds; a shorter wait is not shown, so that its answer does not queue behind the update

    def __init__(self, server, *names, timeout=10, text="hello"):
        super().__init__(server)
        self._timeout, self._text = timeout, text
        self._rows = {}  # by name; rows exist once the widget does
        self._shown = False
        self._clock = Clockwork(lambda: any(client.waiting for client in self), self._update, self._failed)
        self._list = None
        for name in names or NAMES[:2]:
            self.add(name)

    def add(self, name):
        """Add a client with this name and return it. Closes a client of an earlier panel with the same name."""
        if name in self._clients:
            raise ValueError(f"there is a client {name!r} already. Every client needs a different name.")
        client = LabClient(self.server, name, timeout=self._timeout, accepts=self._accepts)
        client.observe(self._changed)
        self._clients[name] = client
        self._replace(client)
        if self._list is not None:
            self._fill()
        return client

    @functools.cached_property
    def widget(self):
        """The widget that a cell shows, created at first use, so that a crowd never shown needs no buttons."""
        self._list = widgets.VBox()
        self._fill()
        return widgets.VBox([self._list, button("Add client", self._add_next, "Add one more client")])

    def _fill(self):
        for name, client in self._clients.items():
            if name not in self._rows:
                self._rows[name] = _Row(client, self._text, colour_at(len(self._rows)))
        for row in self._rows.values():
            row.align(max(map(len, self._rows)))
        self._list.children = [row.widget for row in self._rows.values()]

    async def visit_together(self, line, unit=0.1):
        """Let every client send `line` at the same moment, receive its answer and close.

        Returns the waits for an answer, shortest first, in seconds, rounded down to a multiple of `unit`, which hides the delay
        that a busy machine adds. No wait is too short: all count from the moment before the first question.
        """
        await asyncio.gather(*(client.connect() for client in self))
        start = time.monotonic()

        async def visit(client):
            await client.send(line)
            wait = time.monotonic() - start
            await client.close()
            return wait

        waits = sorted(await asyncio.gather(*map(visit, self)))
        return [round(int(wait / unit) * unit, 6) for wait in waits]

    async def who_is_first(self, **lines):
        """Let clients of this panel ask, each after the server has received the previous line; return the name answered first.

        Example: `await panel.who_is_first(Ann="sleep 1", Ben="hello")`. The server must be watched.
        """
        for name in lines:
            await self[name].connect()
            await wait_until(lambda name=name: self[name].state != "waiting")  # for answers to earlier clicks
        names, begun = {self[name].local: name for name in lines}, time.monotonic_ns()

        def called(kind):
            """Return {name: start} of the server's calls of this kind since `begun`."""
            calls = [event for event in self.server.events() if event.kind == kind and (event.end or 0) > begun]
            return {names[event.peer]: event.start for event in calls if event.peer in names}

        questions = []
        for name, line in lines.items():
            questions.append(self[name].ask(line))
            if len(questions) < len(lines):
                await wait_until(lambda name=name: name in called("receive"))
        await asyncio.gather(*questions)
        await wait_until(lambda: len(called("send")) == len(lines))
        sent = called("send")
        return min(sent, key=sent.get)

    async def connect_together(self, *names, seconds):
        """Let these clients call connect() at the same moment; return after this many seconds at the latest, connected or not."""
        attempts = (self[name].connect() for name in names)
        await asyncio.wait([asyncio.gather(*attempts, return_exceptions=True)], timeout=seconds)  # its state shows an error

    def __repr__(self):
        return f"ClientPanel of {self._where}: " + "; ".join(map(repr, self))

    def _repr_mimebundle_(self, **options):
        self._shown = True
        bundle = self.widget._repr_mimebundle_(**options)
        self._update()
        for client in self:
            self._changed(client)
        return bundle | {"text/plain": repr(self)}

    def _replace(self, client):
        former = _in_use.get((client.address, client.name))
        _in_use[client.address, client.name] = client
        if former is not None and former.loop is not None and former.loop.is_running():
            start(former.close(), former.loop, self._failed)

    def _add_next(self):
        self.add(next((name for name in NAMES if name not in self._clients), f"Client {len(self) + 1}"))

    def _changed(self, client):
        """Show a client's state, but a wait only once it lasts; keep updating while any client waits."""
        if client.name not in self._rows:
            return
        show = self._rows[client.name].update
        if not (self._shown and client.waiting and client.loop is not None):
            return show()
        client.loop.call_later(self.MOMENT, show)
        self._clock.start(client.loop)

    def _update(self):
        for row in self._rows.values():
            row.update()

    def _failed(self, problem):
        for row in self._rows.values():
            row.clicks.failed(problem)


class _Row:
    """The widgets of one client; the LabClient does the work."""

    def __init__(self, client, text, colour):
        self.client = client
        self.clicks = Clicks(self.update, known=ClientError)
        self.text = text_field(f"{client.name} says", text, self.click_send)
        self.buttons = {
            "Connect": button(f"Connect {client.name}", self.click_connect),
            "Send": button(f"Send as {client.name}", self.click_send),
            "Close": button(f"Close {client.name}", self.click_close),
        }
        if client.kind == "udp":
            del self.buttons["Connect"]  # UDP has no connection: a client just sends
        self.status = widgets.HTML()
        self.clock = widgets.HTML()
        self._under_text = widgets.Layout()
        self.answers = widgets.HTML(layout=self._under_text)
        self.widget = widgets.VBox(
            [
                widgets.HBox([self.text, *self.buttons.values()], layout=WRAP),
                widgets.HBox([self.status, self.clock], layout=self._under_text),
                self.answers,
            ],
            # The client's colour in the timeline; its name is beside it.
            layout=widgets.Layout(margin="0 0 12px 0", padding="0 0 0 4px", border_left=f"4px solid {colour}"),
        )
        self.update()

    def align(self, longest):
        """Align with the other rows: use the widths that the longest name in the panel needs."""
        label = 45 + 8 * longest
        self.text.style.description_width = f"{label}px"
        self.text.layout.width = f"{label + 170}px"
        self._under_text.margin = f"0 0 0 {label + 10}px"
        for made in self.buttons.values():
            made.layout.width = f"{90 + 8 * longest}px"

    def click_connect(self):
        self.clicks.start(self.client.connect(), self.client.loop)

    def click_send(self):
        """Handle a click on Send: ask, and wait for the answer without a timeout."""
        self.clicks.start(self.client.send(self.text.value, timeout=None), self.client.loop)

    def click_close(self):
        self.clicks.start(self.client.close(), self.client.loop)

    def update(self):
        """Show the state of the client. Assigning an unchanged value to a widget sends no message."""
        client = self.client
        state = client.description
        words = state if client.waiting else client.status
        detail = f". {self.clicks.trouble}" if self.clicks.trouble else ""
        self.status.value = status_line("failed" if self.clicks.trouble else mood_of(client), words + detail)
        self.clock.value = clock(client.since) if client.waiting else ""
        earlier = list(client.heard)[-4:-1] if state == "answered" else list(client.heard)[-3:]
        lines = "\n".join(html.escape(line[:200]) for line in earlier)
        self.answers.value = f'<pre style="margin: 0; line-height: 1.4; opacity: 0.75">{lines}</pre>' if earlier else ""
        if "Connect" in self.buttons:
            rest(self.buttons["Connect"], client.connected or state == "connecting")
        rest(self.buttons["Close"], not client.connected and state != "connecting")


def mood_of(client):
    """Return a client's mood for status_line()."""
    return _MOODS.get(client.description, "failed")
