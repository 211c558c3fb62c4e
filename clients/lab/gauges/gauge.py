"""A gauge: one number of a server or of its clients, as it is now, its highest value, and its history."""

import asyncio
import threading
import time

import ipywidgets as widgets

from clients.lab.gauges import drawing, measures
from clients.lab.ui.pictures import with_picture
from clients.lab.ui.refresher import refresher
from servers.runtime import Server

MAX_POINTS = 400  # of the history
IDLE = 10  # seconds without a change after which the history is not extended any further
QUIET = 3  # seconds between two announcements of one gauge to a screen reader


class Gauge:
    """`Gauge(server, "zombies")`; the last expression of a cell shows it, and it keeps itself up to date.

    what    a Server, a ClientPanel (or a list of clients), or a function that returns a number
    name    what is measured: a key of measures.OF_A_SERVER or OF_CLIENTS; of a function, what you call it
    limit   a number that the value cannot or should not exceed; for descriptors it is known
    of      whose number it is, when `what` has no name of its own

    `gauge.value` measures now, `gauge.highest` is the highest value so far, `gauge.first` the one when the gauge was made.
    Raises ValueError for an unknown name, and TypeError or ValueError for what is not a finite number.
    """

    def __init__(self, what, name, limit=None, of=""):
        self.name = name
        server = what if isinstance(what, Server) else getattr(what, "server", None)
        self._server = what if isinstance(what, Server) and name not in measures.OF_THE_KERNEL else None
        self.of = of or getattr(server, "name", "")  # a panel may be of an address, and a list of clients has no server
        self.beside = [self]  # the gauges that share its scale
        self.limit = measures.limit_of(what, name) if limit is None else limit
        self.problem = ""
        self.history = []  # (time.monotonic(), value): where it changed, and the last look
        self.highest = None
        self._measure = measures.measure_of(what, name)
        self._lock = threading.Lock()  # cells measure, and so does the refresher's thread
        self._announced, self._announced_at = None, 0.0
        self.face = widgets.HTML()
        self.voice = widgets.HTML()
        self.widget = widgets.VBox([self.face, self.voice])
        self.first = self.value

    @property
    def value(self):
        """The number as it is now; of a server that the learner has stopped, the last one."""
        with self._lock:
            if not (self.stopped and self.history):
                value = measures.as_number(self._measure())
                if not (self.stopped and self.history):  # else it was measured while the server was being stopped
                    self._add_point(value, time.monotonic())
            return self.history[-1][1]

    @property
    def stopped(self):
        """Was the server stopped? One that ended by itself was not, and its gauge shows what came of that."""
        return self._server is not None and self._server.stopping

    async def during(self, work):
        """Await `work` and measure all the while, so that `highest` misses nothing that lasts; returns the result of `work`."""
        task = asyncio.ensure_future(work)
        while not task.done():
            self.update()
            await asyncio.wait([task], timeout=0.05)
        self.update()
        return task.result()

    def update(self):
        """Measure, and show the result. A trait that keeps its value sends nothing."""
        try:
            value = self.value
        except Exception as problem:  # of the learner's function, or of a process that has just gone
            return self.show_problem(problem)
        self.problem = ""
        self.face.value = drawing.face(self)
        now = time.monotonic()
        if value != self._announced and now - self._announced_at >= QUIET:
            self._announced, self._announced_at = value, now
            self.voice.value = drawing.voice(self)

    def show_problem(self, problem):
        """Show the last value, and beside it why there is no newer one."""
        self.problem = str(problem) or repr(problem)
        self.face.value = drawing.face(self)

    def says(self, value):
        """A value as a reader reads it."""
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
        """A new point in the history where the value changes; otherwise the last point moves on."""
        self.highest = value if self.highest is None else max(self.highest, value)
        same = [at for at, other in self.history[-2:] if other == value]
        if len(same) == 2:
            if now - same[0] < IDLE:
                self.history[-1] = (now, value)
        else:
            self.history = [*self.history[1 - MAX_POINTS :], (now, value)]

    def __repr__(self):
        """Without a number that differs from run to run."""
        if self.name == "cores in use":
            return f"Gauge of {self.name}"
        value = self.history[-1][1]
        if self.name == "descriptors":  # how many a process begins with is the system's business
            if value:
                says = "at its limit" if self.at_its_limit else f"{value - self.first} more than at first"
            else:
                reached = self.limit is not None and self.highest >= self.limit - 1  # Linux's accept() takes its own before it waits
                says = "up to the limit, then none: the server has ended" if reached else "none: the server has ended"
            return f"Gauge of {self.name}: {says}"
        return f"Gauge of {self.name}: {self.says(value)}"

    def _repr_mimebundle_(self, **options):
        return _bundle(self.widget, [self], options)


class Gauges:
    """Several gauges side by side: `Gauges(before, after)`. Those of the same name are drawn to the same scale."""

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
    """The live view for JupyterLab, a PNG for every other viewer, and words."""
    for gauge in gauges:
        gauge.update()
        refresher.add(gauge)
    png, width = drawing.png_of(gauges)
    words = ". ".join(gauge.words for gauge in gauges)
    return with_picture(widget._repr_mimebundle_(**options), png, width, words, " | ".join(map(repr, gauges)))
