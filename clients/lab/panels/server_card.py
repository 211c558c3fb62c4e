"""A card for a server: its state, address, log and processes, and buttons to start, stop and restart it."""

import asyncio
import html

import ipywidgets as widgets

from clients.lab.ui.boxes import log_box, table
from clients.lab.ui.fields import button, rest
from clients.lab.ui.refresher import refresher
from clients.lab.ui.seldom import Seldom
from clients.lab.ui.status import SIGNS
from clients.lab.ui.tasks import Clicks
from servers import catalogue

MAX_LOG_LINES = 12
MAX_PROCESSES = 24
COLUMNS = ("", "process", "parent", "state", "threads", "descriptors", "memory", "CPU time")
NUMBERS = (1, 2, 4, 5, 6, 7)  # the columns of COLUMNS that hold numbers
NOTHING = "–"


class ServerCard:
    """A card for a Server. `ServerCard(server)` at the end of a cell shows it and keeps it up to date."""

    def __init__(self, server):
        self.server = server
        self._remarks = Seldom(lambda: server.remarks)
        self._clicks = Clicks(self.update)
        self._doing = ""  # the action in progress, if any
        self.head, self.facts, self.table, self.log = (widgets.HTML() for _ in range(4))
        actions = {"Start": self.start, "Stop": self.stop, "Restart": self.restart}
        self.buttons = {label: self._button(label, action) for label, action in actions.items()}
        self.widget = widgets.VBox([self.head, self.facts, widgets.HBox(list(self.buttons.values())), self.table, self.log])

    async def start(self):
        """Start the server again after it was stopped or has ended."""
        if not self.server.running:
            await self._do("starting", self.server.restart)

    async def stop(self):
        await self._do("stopping", self.server.stop)

    async def restart(self):
        await self._do("restarting", self.server.restart)

    def update(self):
        """Show the state of the server. Assigning an unchanged value to a widget sends no message."""
        server = self.server
        running = server.running
        self.head.value = _head(server, self._doing, self._clicks.trouble)
        self.facts.value = _facts(server, self._remarks(server.pid) if running else [])
        self.table.value = _process_table(server.processes() if running else [])
        self.log.value = _log_tail(server.log)
        rest(self.buttons["Start"], bool(self._doing) or running)
        rest(self.buttons["Stop"], bool(self._doing) or not running)
        rest(self.buttons["Restart"], bool(self._doing))

    def show_problem(self, problem):
        """Show that this card is out of date, and why."""
        self.head.value = _head(self.server, "", f"This card cannot be kept up to date: {problem!r}")

    def __repr__(self):
        return f"ServerCard of {self.server.name}: {self.server.state}"

    def _repr_mimebundle_(self, **options):
        self.update()
        refresher.add(self)
        return self.widget._repr_mimebundle_(**options) | {"text/plain": repr(self)}

    def _button(self, label, action):
        return button(label, lambda: self._clicks.start(action()), f"{label} {self.server.name}", width="110px")

    async def _do(self, doing, action):
        """Run an action in a thread: stopping and starting take time and must not block the kernel."""
        self._doing = doing
        self.update()
        try:
            await asyncio.to_thread(action)
        finally:
            self._doing = ""
            self.update()


def _head(server, doing, problem):
    """Return name and state as HTML; the state in words, with a sign and a colour."""
    sign, colour = SIGNS[{"running": "good", "stopped": "ready"}.get(server.state, "failed")]
    words = html.escape(f"{doing} ..." if doing else server.state)
    trouble = f'<div style="white-space: pre-wrap">{html.escape(problem)}</div>' if problem else ""
    return (
        f'<div style="font-size: 115%"><b>{html.escape(server.name)}</b>'
        f'<span role="status" aria-live="polite" style="margin-left: 14px">'
        f'<span aria-hidden="true" style="color: {colour}">{sign}</span> {words}</span></div>{trouble}'
    )


def _facts(server, remarks):
    """Return the server's address, the catalogue's summary unless it is a script or a cell, and the remarks, as HTML."""
    summary = html.escape(catalogue[server.name].summary) if server.name in catalogue else ""
    if server.address is None:  # it is starting, or failed to start
        return f"<div>{summary}</div>"
    host, port = server.address
    told = "".join(f"<div>{html.escape(remark)}</div>" for remark in remarks)
    return f"<div>{server.kind.upper()} at <code>{html.escape(host)}:{port}</code> &ensp; {summary}</div>{told}"


def _process_table(processes):
    rows = [("child" if number else "server", *_cells(process)) for number, process in enumerate(processes[:MAX_PROCESSES])]
    more = f"<div>and {len(processes) - MAX_PROCESSES} more processes</div>" if len(processes) > MAX_PROCESSES else ""
    return table("", COLUMNS, rows, "no process", NUMBERS) + more


def _cells(process):
    """Return a process's row of the table. Of a zombie, only the pid and the exit status remain."""
    state = "zombie: ended, not reaped by its parent" if process.state == "zombie" else process.state
    threads, descriptors = (NOTHING if value is None else value for value in (process.threads, process.descriptors))
    memory = NOTHING if process.memory is None else f"{process.memory / 2**20:.1f} MB"
    cpu = NOTHING if process.cpu is None else f"{process.cpu:.2f} s"
    return process.pid, process.parent, state, threads, descriptors, memory, cpu


def _log_tail(log):
    lines = log.splitlines()
    if not lines:
        return ""
    more = f"... {len(lines) - MAX_LOG_LINES} lines before\n" if len(lines) > MAX_LOG_LINES else ""
    return log_box(more + "\n".join(line[:200] for line in lines[-MAX_LOG_LINES:]), "the server's log")
