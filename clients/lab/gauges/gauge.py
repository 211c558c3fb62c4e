"""A gauge: one number of a server or of its clients, as it stands now, at most so far, and how it came about."""

import asyncio
import base64
import functools
import html
import io
import subprocess
import threading
import time

import ipywidgets as widgets
import psutil
from PIL import Image, ImageDraw, ImageFont

from clients.lab.panels.server_card import refresher
from clients.lab.timeline.picture import HAIR, INK, MUTED, PALETTE, PAPER, SCALE, plain
from servers.runtime import Server

KEPT = 400  # points of the history
IDLE = 10  # seconds without a change after which the history is not drawn out any longer
QUIET = 3  # seconds between two things that a screen reader hears of a gauge
LINE, DARK_LINE = PALETTE[0]
ALARM = "#c62828"


# ---------------------------------------------------------------- what can be measured


def zombies(server):
    """Processes that have ended and were not reaped."""
    return sum(one.state == "zombie" for one in server.processes())


def processes(server):
    """Processes of the server's family, zombies included."""
    return len(server.processes())


def threads(server):
    return sum(one.threads or 0 for one in server.processes())


def descriptors(server):
    """Of the process that holds most of them, since the limit is one for each process."""
    return max((one.descriptors or 0 for one in server.processes()), default=0)


def memory(server):
    """Bytes, of the whole family."""
    return sum(one.memory or 0 for one in server.processes())


def errors(server):
    """Tracebacks and errors that the server has printed."""
    return sum("Error:" in line for line in server.log.splitlines())


def time_wait(server):
    """Connections of the server's port in TIME_WAIT: the kernel holds them, not the server."""
    try:
        found = psutil.net_connections("tcp")
    except psutil.AccessDenied:  # macOS tells psutil only as root
        table = subprocess.run(["netstat", "-an", "-p", "tcp"], capture_output=True, text=True).stdout
        rows = (line.split() for line in table.splitlines() if line.endswith("TIME_WAIT"))
        return sum(row[3].endswith(f".{server.port}") for row in rows)
    return sum(one.status == psutil.CONN_TIME_WAIT and one.laddr.port == server.port for one in found)


class Cores:
    """CPU time that the family has used since the last look, divided by the time that has passed."""

    SHORTEST = 0.3  # seconds between two looks: the system counts CPU time in steps of 10 ms

    def __init__(self, server):
        self.server = server
        self.at, self.used, self.value = time.monotonic(), self.times(), 0.0

    def times(self):
        return {one.pid: one.cpu for one in self.server.processes() if one.cpu is not None}

    def __call__(self):
        now = time.monotonic()
        if now - self.at >= self.SHORTEST:
            used = self.times()
            self.value = sum(cpu - self.used.get(pid, 0) for pid, cpu in used.items()) / (now - self.at)
            self.at, self.used = now, used
        return self.value


def in_the_backlog(clients):
    """Clients that the kernel has connected and the server has not accepted."""
    return sum(client.accepted is False for client in clients)


def connecting(clients):
    """Clients whose handshake is not answered."""
    return sum(client.state == "connecting" for client in clients)


def unanswered(clients):
    """Clients that wait: for a connection, to be accepted, for an answer."""
    return sum(client.waiting for client in clients)


OF_A_SERVER = {
    "zombies": zombies,
    "processes": processes,
    "threads": threads,
    "descriptors": descriptors,
    "memory": memory,
    "cores in use": Cores,
    "errors in the log": errors,
    "connections in TIME_WAIT": time_wait,
}
OF_THE_KERNEL = {"connections in TIME_WAIT"}  # they outlive the server
OF_CLIENTS = {
    "waiting in the backlog": in_the_backlog,
    "connecting": connecting,
    "unanswered clients": unanswered,
}


def reader(what, name):
    """A function without arguments that measures."""
    if callable(what):
        return what
    measures = OF_A_SERVER if isinstance(what, Server) else OF_CLIENTS
    if name not in measures:
        kind = "a server" if isinstance(what, Server) else "clients"
        raise ValueError(
            f"a gauge of {kind} measures one of: {', '.join(measures)}. Not {name!r}. "
            "A number of your own: Gauge(function, name), where function() returns it."
        )
    measure = measures[name]
    return measure(what) if measure is Cores else functools.partial(measure, what)


def limit_of(what, name):
    """How many descriptors each of its processes may hold; None for all else, and where the system does not tell."""
    if name != "descriptors" or not isinstance(what, Server) or not what.pid:
        return None
    try:
        limit = psutil.Process(what.pid).rlimit(psutil.RLIMIT_NOFILE)[0]
    except (psutil.Error, AttributeError):  # only Linux tells
        return None
    return limit if limit > 0 else None  # -1: there is none


# ---------------------------------------------------------------- the gauge


class Gauge:
    """`Gauge(server, "zombies")`; the last expression of a cell shows it, and it keeps itself up to date.

    what    a Server, a ClientPanel (or a list of clients), or a function that returns a number
    name    what is measured: OF_A_SERVER and OF_CLIENTS name it; of a function, what you call it
    limit   a number that it cannot or should not exceed; descriptors know theirs
    of      whose number it is, where what does not tell: the name of a server

    `gauge.value` measures now, `gauge.highest` is the highest value that was seen, `gauge.growth` what has been added since
    the gauge was made. Raises ValueError for a name that is not known.
    """

    def __init__(self, what, name, limit=None, of=""):
        self.name = name
        server = what if isinstance(what, Server) else getattr(what, "server", None)
        self._server = what if isinstance(what, Server) and name not in OF_THE_KERNEL else None
        self.of = of or getattr(server, "name", "")  # a panel may be of an address, a list of clients has no server
        self.beside = [self]  # those that are shown side by side, in one scale
        self.limit = limit_of(what, name) if limit is None else limit
        self.problem = ""
        self.history = []  # (time.monotonic(), value): where it changed, and the last look
        self.highest = None
        self._read = reader(what, name)
        self._lock = threading.Lock()  # cells look, and the thread that keeps cards up to date
        self._said, self._said_at = None, 0.0
        self.face = widgets.HTML()
        self.voice = widgets.HTML()
        self.widget = widgets.VBox([self.face, self.voice])
        self.first = self.value

    @property
    def value(self):
        """The number as it is now; of a server that the learner has stopped, what it was last."""
        with self._lock:
            if not (self.stopped and self.history):
                value = self._read()
                if not (self.stopped and self.history):  # else it was measured while the server was being stopped
                    self._note(value, time.monotonic())
            return self.history[-1][1]

    @property
    def stopped(self):
        """Was the server stopped? One that has ended by itself was not: that is what a gauge has to show."""
        server = self._server
        return server is not None and (server.process is None or server.process.stdin.closed)

    @property
    def growth(self):
        """How much more it is now than when the gauge was made."""
        return self.value - self.first

    async def during(self, work):
        """Await `work` and measure all the while, so that `highest` misses nothing that lasts; returns its result."""
        task = asyncio.ensure_future(work)
        while not task.done():
            self.update()
            await asyncio.wait([task], timeout=0.05)
        self.update()
        return task.result()

    def update(self):
        """Measure, and show it. A trait that keeps its value sends nothing."""
        try:
            value, self.problem = self.value, ""
        except Exception as problem:  # of a function of the learner's, or of a process that has just gone
            value, self.problem = self.history[-1][1], str(problem) or repr(problem)
        self.face.value = face(self)
        now = time.monotonic()
        if value != self._said and now - self._said_at >= QUIET:
            self._said, self._said_at = value, now
            self.voice.value = voice(self)

    def says(self, value):
        """A value as a reader reads it."""
        if self.name == "memory":
            return f"{value / 2**20:.1f} MB"
        return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"

    @property
    def words(self):
        """In words, as it was seen last."""
        now = self.says(self.history[-1][1])
        limit = f" of {self.says(self.limit)} allowed" if self.limit is not None else ""
        of = f" of {self.of}" if self.of else ""
        return f"{self.name}{of}: {now}{limit}, at most {self.says(self.highest)}" + (
            f" ({self.problem})" if self.problem else ""
        )

    @property
    def notes(self):
        """Lines beside the picture."""
        alarm = "▲ at its limit" if self.at_its_limit else ""
        of = f"{self.of} (stopped)" if self.stopped else self.of
        return [note for note in (of, f"at most {self.says(self.highest)}", alarm, self.problem) if note]

    @property
    def at_its_limit(self):
        return self.limit is not None and self.history[-1][1] >= self.limit

    def _note(self, value, now):
        """Keep a value in the history: a new point where it changes, else the last point moves on."""
        self.highest = value if self.highest is None else max(self.highest, value)
        same = [at for at, other in self.history[-2:] if other == value]
        if len(same) == 2:
            if now - same[0] < IDLE:
                self.history[-1] = (now, value)
        else:
            self.history = [*self.history[1 - KEPT :], (now, value)]

    def __repr__(self):
        """Without a number that differs from run to run."""
        if self.name == "cores in use":
            return f"Gauge of {self.name}"
        value = self.history[-1][1]
        if self.name == "descriptors":  # how many a process begins with is the system's business
            if self.at_its_limit or not value:
                return f"Gauge of {self.name}: {'at its limit' if value else 'none'}"
            return f"Gauge of {self.name}: {value - self.first} more than at first"
        return f"Gauge of {self.name}: {self.says(value)}"

    def _repr_mimebundle_(self, **options):
        """The live view for JupyterLab, a PNG for every other viewer."""
        self.update()
        refresher.show(self)
        return bundle(self.widget, [self], options)


class Gauges:
    """Several gauges side by side: `Gauges(before, after)`. Those of the same name are drawn in the same scale."""

    def __init__(self, *gauges):
        self.gauges = gauges
        for one in gauges:
            one.beside = [other for other in gauges if other.name == one.name]
        self.widget = widgets.HBox([one.widget for one in gauges], layout=widgets.Layout(flex_flow="row wrap"))

    def __repr__(self):
        return " | ".join(map(repr, self.gauges))

    def _repr_mimebundle_(self, **options):
        for one in self.gauges:
            one.update()
            refresher.show(one)
        return bundle(self.widget, self.gauges, options)


def bundle(widget, gauges, options):
    data = widget._repr_mimebundle_(**options)
    png, size = png_of(gauges)
    text = " | ".join(map(repr, gauges))
    return {**data, "image/png": base64.b64encode(png).decode(), "text/plain": text}, {"image/png": {"width": size}}


# ---------------------------------------------------------------- how it looks, live

WIDTH, HEIGHT = 150, 40  # of the history, in pixels
LIVE_LINE = f"var(--jp-brand-color1, {LINE})"
LIVE_MUTED = "var(--jp-ui-font-color2, #666)"
LIVE_ALARM = f"var(--jp-error-color1, {ALARM})"


def face(gauge):
    """Name, number, history, highest: HTML."""
    value = html.escape(gauge.says(gauge.history[-1][1]))
    limit = f" of {html.escape(gauge.says(gauge.limit))}" if gauge.limit is not None else ""
    colour = LIVE_ALARM if gauge.at_its_limit else LIVE_LINE
    notes = "<br>".join(map(html.escape, gauge.notes))
    return (
        f'<div style="display: flex; gap: 16px; align-items: center; border-left: 4px solid {colour}; padding: 2px 12px; '
        f'margin: 4px 24px 4px 0; line-height: 1.35; font-variant-numeric: tabular-nums">'
        f'<div style="min-width: 150px"><div>{html.escape(gauge.name)}</div>'
        f'<div><b style="font-size: 170%">{value}</b><span style="color: {LIVE_MUTED}">{limit}</span></div></div>'
        f"{sparkline(gauge, colour)}"
        f'<div style="color: {LIVE_MUTED}">{notes}</div></div>'
    )


def sparkline(gauge, colour):
    """The history as steps; the limit as a dashed line. The words beside it say the same."""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in steps(gauge, WIDTH, HEIGHT))
    top = scale_of(gauge)
    dashed = ""
    if gauge.limit is not None and gauge.limit <= top:
        y = height_of(gauge.limit, top, HEIGHT)
        dashed = (
            f'<line x1="0" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke-dasharray="4 3" style="stroke: {LIVE_ALARM}"></line>'
        )
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" aria-hidden="true" style="overflow: visible">'
        f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT}" y2="{HEIGHT}" style="stroke: {LIVE_MUTED}; opacity: 0.5"></line>{dashed}'
        f'<polyline points="{points}" style="fill: none; stroke: {colour}; stroke-width: 2"></polyline></svg>'
    )


def voice(gauge):
    """What a screen reader hears, now and then; eyes have the number above."""
    hidden = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)"
    return f'<div role="status" aria-live="polite" style="{hidden}">{html.escape(gauge.words)}</div>'


def scale_of(gauge):
    """The value at the top of the picture; a limit is in the picture once it is near."""
    top = max(1, *(one.highest for one in gauge.beside))
    return max(top, gauge.limit) * 1.08 if gauge.limit is not None and gauge.limit <= 4 * top else top * 1.08


def height_of(value, top, height):
    return height - max(0, value) / top * height


def steps(gauge, width, height):
    """(x, y) of a line that goes on level until the value changes."""
    history, top = list(gauge.history), scale_of(gauge)
    start, end = history[0][0], history[-1][0]
    length = max(end - start, 1e-3)
    y = height_of(history[0][1], top, height)
    points = [(0.0, y)]
    for at, value in history[1:]:
        x = (at - start) / length * width
        points.append((x, y))
        y = height_of(value, top, height)
        points.append((x, y))
    return points if len(history) > 1 else [(0.0, y), (width, y)]


# ---------------------------------------------------------------- how it looks, stored

CARD_WIDTH, CARD_HEIGHT, MARGIN = 440, 74, 14  # CSS pixels


def png_of(gauges):
    """(PNG of the gauges side by side, its width in CSS pixels)."""
    image = Image.new("RGB", (CARD_WIDTH * len(gauges) * SCALE, CARD_HEIGHT * SCALE), PAPER)
    for place, gauge in enumerate(gauges):
        draw(ImageDraw.Draw(image), gauge, place * CARD_WIDTH)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue(), CARD_WIDTH * len(gauges)


def draw(canvas, gauge, left):
    small, large = (ImageFont.load_default(size * SCALE) for size in (11, 22))
    colour = ALARM if gauge.at_its_limit else LINE

    def write(x, y, text, font, ink):
        canvas.text(((left + x) * SCALE, y * SCALE), plain(text), ink, font, "lm")
        return x + font.getlength(plain(text)) / SCALE

    def at(x, y):
        return (left + 190 + x) * SCALE, (MARGIN + 4 + y) * SCALE

    canvas.rectangle((left * SCALE, 8 * SCALE, (left + 4) * SCALE, (CARD_HEIGHT - 8) * SCALE), fill=colour)
    write(MARGIN, 20, gauge.name, small, INK)
    end = write(MARGIN, 47, gauge.says(gauge.history[-1][1]), large, INK)
    if gauge.limit is not None:
        write(end + 6, 51, f"of {gauge.says(gauge.limit)}", small, MUTED)
    canvas.line([at(0, HEIGHT), at(WIDTH, HEIGHT)], HAIR, SCALE)
    top = scale_of(gauge)
    if gauge.limit is not None and gauge.limit <= top:
        y = height_of(gauge.limit, top, HEIGHT)
        for x in range(0, WIDTH, 8):
            canvas.line([at(x, y), at(x + 4, y)], ALARM, SCALE)
    canvas.line([at(x, y) for x, y in steps(gauge, WIDTH, HEIGHT)], colour, 2 * SCALE)
    for line, note in enumerate(gauge.notes[:3]):
        write(190 + WIDTH + 12, 20 + 17 * line, note.replace("▲ ", ""), small, ALARM if "limit" in note else MUTED)
