"""What a server is and does now: state, address, log, processes, and buttons to start, stop and restart it."""

import asyncio
import html
import itertools
import threading
import time

import ipywidgets as widgets

from clients.lab.ui.tasks import current_loop, start

CELL = "padding: 2px 16px 2px 0; line-height: 1.4; text-align: {}; white-space: nowrap"
STATES = {
    "running": ("●", "var(--jp-success-color1, #2e7d32)"),
    "stopped": ("■", "var(--jp-ui-font-color2, #888)"),
}
TROUBLE = ("✕", "var(--jp-error-color1, #c62828)")
LOG_LINES = 12
MOST_ROWS = 24
NOTHING = "–"


class ServerCard:
    """A card for a Server; the last expression of a cell shows it. It keeps itself up to date."""

    def __init__(self, server):
        self.server = server
        self.loop = current_loop()
        self._doing = ""  # what a button has begun, while it lasts
        self._problem = ""  # what a button has led to
        self.head = widgets.HTML()
        self.facts = widgets.HTML()
        self.table = widgets.HTML()
        self.log = widgets.HTML()
        self.buttons = {
            "Start": self._button("Start", self.start),
            "Stop": self._button("Stop", self.stop),
            "Restart": self._button("Restart", self.restart),
        }
        self.widget = widgets.VBox([self.head, self.facts, widgets.HBox(list(self.buttons.values())), self.table, self.log])

    async def start(self):
        """Start the server again after it was stopped or ended."""
        if not self.server.running:
            await self._do("starting", self.server.restart)

    async def stop(self):
        """Stop the server and its whole family."""
        await self._do("stopping", self.server.stop)

    async def restart(self):
        """Stop the server and start it anew."""
        await self._do("restarting", self.server.restart)

    def __repr__(self):
        return f"ServerCard of {self.server.name}: {self.server.state}"

    def _repr_mimebundle_(self, **options):
        self.update()
        refresher.show(self)
        bundle = self.widget._repr_mimebundle_(**options)
        return bundle | {"text/plain": repr(self)}

    def _button(self, label, action):
        tooltip = f"{label} {self.server.name}"
        button = widgets.Button(description=label, tooltip=tooltip, layout=widgets.Layout(width="110px"))
        button.on_click(lambda _: start(action(), self.loop or current_loop(), self._failed))
        return button

    async def _do(self, doing, action):
        """Stopping and starting take a moment: a thread waits for it, so that the kernel need not."""
        self._doing, self._problem = doing, ""
        self.update()
        try:
            await asyncio.to_thread(action)
        finally:
            self._doing = ""
            self.update()

    def _failed(self, problem):
        self._problem = str(problem) or repr(problem)
        self.update()

    def update(self):
        """Make the card say how the server stands. A trait that keeps its value sends nothing."""
        server = self.server
        running = server.running
        self.head.value = head(server, self._doing, self._problem)
        self.facts.value = facts(server)
        self.table.value = process_table(server.processes() if running else [])
        self.log.value = log_tail(server.log)
        self.buttons["Start"].disabled = bool(self._doing) or running
        self.buttons["Stop"].disabled = bool(self._doing) or not running
        self.buttons["Restart"].disabled = bool(self._doing)


class Refresher:
    """One thread that keeps the cards up to date which were shown last. A card that has nothing new sends nothing."""

    PERIOD = 0.5  # seconds between two rounds; more where a round takes long, so that it never takes a core for itself
    MOST = 6  # cards: a cell that is run again and again shows a new one each time, and nobody sees the old ones

    def __init__(self):
        self._cards = []
        self._lock = threading.Lock()
        self._thread = None

    def show(self, card):
        """Keep this card up to date from now on."""
        with self._lock:
            self._cards = [other for other in self._cards if other is not card][1 - self.MOST :] + [card]
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="server cards", daemon=True)
                self._thread.start()

    def _run(self):
        took = 0
        while True:
            time.sleep(max(self.PERIOD, 4 * took))
            began = time.monotonic()
            for card in list(self._cards):
                try:
                    card.update()
                except Exception as problem:  # nobody sees what a thread raises: the card has to say it
                    card.head.value = head(card.server, "", f"this card cannot be kept up to date: {problem!r}")
            took = time.monotonic() - began


refresher = Refresher()


def head(server, doing, problem):
    """Name and state; the state in words, with a sign and a colour."""
    sign, colour = STATES.get(server.state, TROUBLE)
    words = html.escape(f"{doing} ..." if doing else server.state)
    trouble = f'<div style="white-space: pre-wrap">{html.escape(problem)}</div>' if problem else ""
    return (
        f'<div style="font-size: 115%"><b>{html.escape(server.name)}</b>'
        f'<span role="status" aria-live="polite" style="margin-left: 14px">'
        f'<span aria-hidden="true" style="color: {colour}">{sign}</span> {words}</span></div>{trouble}'
    )


def facts(server):
    """Where the server is, and what it is in a line."""
    if server.address is None:  # while it starts, or after it failed to
        return f"<div>{html.escape(summary(server))}</div>"
    host, port = server.address
    where = f"{server.kind.upper()} at <code>{html.escape(host)}:{port}</code>"
    return f"<div>{where} &ensp; {html.escape(summary(server))}</div>"


def summary(server):
    """The catalogue's line about this model; nothing for a script or a cell."""
    from servers import catalogue

    return catalogue[server.name].summary if server.name in catalogue else ""


COLUMNS = ("", "process", "parent", "state", "threads", "descriptors", "memory", "CPU time")


def process_table(processes):
    """A row for each process as it stands now."""
    if not processes:
        return '<div style="color: var(--jp-ui-font-color2, #888)">no process</div>'
    roles = itertools.chain(["server"], itertools.repeat("child"))
    shown = zip(roles, processes[:MOST_ROWS], strict=False)
    rows = "".join(row((role, *process_cells(process)), "td") for role, process in shown)
    more = f"<div>and {len(processes) - MOST_ROWS} more processes</div>" if len(processes) > MOST_ROWS else ""
    return (
        '<table style="border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 4px 0">'
        f"<thead>{row(COLUMNS, 'th')}</thead><tbody>{rows}</tbody></table>{more}"
    )


def process_cells(process):
    """What the table says about a process. A zombie has ended: all it still has is its number."""
    state = "zombie: ended, not reaped by its parent" if process.state == "zombie" else process.state
    threads, descriptors = (NOTHING if value is None else value for value in (process.threads, process.descriptors))
    memory = NOTHING if process.memory is None else f"{process.memory / 2**20:.1f} MB"
    cpu = NOTHING if process.cpu is None else f"{process.cpu:.2f} s"
    return process.pid, process.parent, state, threads, descriptors, memory, cpu


def row(cells, tag):
    # Words to the left, numbers to the right; a heading stands as its column does.
    aligned = [(cell, "left" if index in (0, 3) else "right") for index, cell in enumerate(cells)]
    inner = "".join(f'<{tag} style="{CELL.format(side)}">{html.escape(str(cell))}</{tag}>' for cell, side in aligned)
    return f"<tr>{inner}</tr>"


def log_tail(log):
    """The last lines that the server printed."""
    lines = log.splitlines()
    if not lines:
        return ""
    more = f"... {len(lines) - LOG_LINES} lines before\n" if len(lines) > LOG_LINES else ""
    text = more + "\n".join(line[:200] for line in lines[-LOG_LINES:])
    return (
        '<pre aria-label="log" style="margin: 4px 0; padding: 6px 8px; line-height: 1.35; overflow-x: auto; '
        f'background: var(--jp-layout-color2, rgba(128,128,128,0.12))">{html.escape(text)}</pre>'
    )
