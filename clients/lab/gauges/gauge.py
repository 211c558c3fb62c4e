"""A gauge: one number of a server or of its clients, with its current value, highest value and history."""

import asyncio
import threading
import time

import ipywidgets as widgets

from clients.lab.gauges import drawing, measures
from clients.lab.ui.pictures import with_picture
from clients.lab.ui.refresher import refresher
from servers.runtime import Server

MAX_POINTS = 400  # in the history
IDLE = 10  # seconds without a change after which the history is not extended any further
QUIET = 3  # seconds between two announcements of one gauge to a screen reader


class Gauge:
    """One live number. `Gauge(server, "zombies")` at the end of a cell shows it and keeps it up to date.

    what    a Server, a ClientPanel (or a list of clients), or a function that returns a number
    name    the quantity: a key of measures.OF_A_SERVER or OF_CLIENTS; for a function, any name you like
    limit   a number that the value cannot or should not exceed; for descriptors the gauge finds it itself

    `gauge.value` measures now, `gauge.highest` is the highest value so far, `gauge.first` the first one.
    Raises ValueError for an unknown name, and TypeError or ValueError if the value is not a finite number.
    """

    def __init__(self, what, name, limit=None):
        self.name = name
        server = what if isinstance(what, Server) else getattr(what, "server", None)
        self._server = what if isinstance(what, Server) else None
        self.of = getattr(server, "name", "")  # a panel may have only an address, and a list of clients has no server
        self.beside = [self]  # the gauges drawn to the same scale
        self.limit = measures.limit_of(what, name) if limit is None else limit
        self.problem = ""
        self.history = []  # (time.monotonic(), value) at each change, and at the last measurement
        self.highest = None
        self._measure = measures.measure_of(what, name)
        self._lock = threading.Lock()  # cells and the refresher's thread both measure
        self._announced, self._announced_at = None, 0.0
        self.face = widgets.HTML()
        self.voice = widgets.HTML()
        self.widget = widgets.VBox([self.face, self.voice])
        self.first = self.value

    @property
    def value(self):
        """The current number; for a server that the learner has stopped, the last one."""
        with self._lock:
            if not (self.stopped and self.history):
                value = measures.as_number(self._measure())
                if not (self.stopped and self.history):  # drop a value measured while the server was being stopped
                    self._add_point(value, time.monotonic())
            return self.history[-1][1]

    @property
    def stopped(self):
        """Whether the learner stopped the server. If it ended by itself, the gauge still measures and shows the effect."""
        return self._server is not None and self._server.stopping

    async def during(self, work):
        """Await `work` and measure every 50 ms meanwhile, so that `highest` misses no lasting peak; return the result of `work`."""
        task = asyncio.ensure_future(work)
        while not task.done():
            self.update()
            await asyncio.wait([task], timeout=0.05)
        self.update()
        return task.result()

    def update(self):
        """Measure, and show the result. Assigning an unchanged value to a widget sends no message."""
        try:
            value = self.value
        except Exception as problem:  # from the learner's function, or because a process has just ended
            return self.show_problem(problem)
        self.problem = ""
        self.face.value = drawing.face(self)
        now = time.monotonic()
        if value != self._announced and now - self._announced_at >= QUIET:
            self._announced, self._announced_at = value, now
            self.voice.value = drawing.voice(self)

    def show_problem(self, problem):
        """Show the last value and, beside it, why there is no newer one."""
        self.problem = str(problem) or repr(problem)
        self.face.value = drawing.face(self)

    def says(self, value):
        """Return a value formatted for a reader."""
        if self.name == "memory":
            return f"{value / 2**20:.1f} MB"
        return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"

    @property
    def words(self):
        """The last value, the limit and the highest value, in words."""
        now = self.says(self.history[-1][1])
        limit = f" of {self.says(self.limit)} allowed" if self.limit is not None else ""
        of = f" of {self.of}" if self.of else ""
        problem = f" ({self.problem})" if self.problem else ""
        return f"{self.name}{of}: {now}{limit}, at most {self.says(self.highest)}{problem}"

    @property
    def notes(self):
        alarm = "▲ at its limit" if self.at_its_limit else ""
        of = f"{self.of} (stopped)" if self.stopped else self.of
        return [note for note in (of, f"at most {self.says(self.highest)}", alarm, self.problem) if note]

    @property
    def at_its_limit(self):
        return self.limit is not None and self.history[-1][1] >= self.limit

    def _add_point(self, value, now):
        """Add a point to the history if the value has changed; otherwise move the last point forward."""
        self.highest = value if self.highest is None else max(self.highest, value)
        same = [at for at, other in self.history[-2:] if other == value]
        if len(same) == 2:
            if now - same[0] < IDLE:
                self.history[-1] = (now, value)
        else:
            self.history = [*self.history[1 - MAX_POINTS :], (now, value)]

    def __repr__(self):
        """Describe the gauge without numbers that vary between runs."""
        if self.name == "cores in use":
            return f"Gauge of {self.name}"
        value = self.history[-1][1]
        if self.name == "descriptors":  # the number at the start varies between systems
            if value:
                says = "at its limit" if self.at_its_limit else f"{value - self.first} more than at first"
            else:
                reached = self.limit is not None and self.highest >= self.limit - 1  # accept() on Linux reserves one before it waits
                says = "up to the limit, then none: the server has ended" if reached else "none: the server has ended"
            return f"Gauge of {self.name}: {says}"
        return f"Gauge of {self.name}: {self.says(value)}"

    def _repr_mimebundle_(self, **options):
        return _bundle(self.widget, [self], options)


class Gauges:
    """Several gauges side by side: `Gauges(before, after)`. Gauges with the same name are drawn to the same scale."""

    def __init__(self, *gauges):
        self.gauges = gauges
        for gauge in gauges:
            gauge.beside = [other for other in gauges if other.name == gauge.name]
        self.widget = widgets.HBox([gauge.widget for gauge in gauges], layout=widgets.Layout(flex_flow="row wrap"))

    def __repr__(self):
        return " | ".join(map(repr, self.gauges))

    def _repr_mimebundle_(self, **options):
        return _bundle(self.widget, self.gauges, options)


def _bundle(widget, gauges, options):
    """Return the live view for JupyterLab, with a PNG and text for every other viewer."""
    for gauge in gauges:
        gauge.update()
        refresher.add(gauge)
    png, width = drawing.png_of(gauges)
    words = ". ".join(gauge.words for gauge in gauges)
    return with_picture(widget._repr_mimebundle_(**options), png, width, words, " | ".join(map(repr, gauges)))
