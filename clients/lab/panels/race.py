"""A race: choose servers and a load, predict who wins, run, and see what became of it.

    race = Race("tcp_loop", "tcp_fork", "tcp_epoll", load=Load(connections=20))
    race.predict("tcp_epoll", "tcp_fork", "tcp_loop")    # the best first
    await race.run()
    race.reports                                         # a table; race.chart() draws it

The last expression of a cell shows a panel that does the same by clicks. One server runs at a time; in several rounds each has its
turn in each of them, so that a machine that becomes slower meanwhile is unfair to nobody.
"""

import asyncio
import dataclasses
import html

import ipywidgets as widgets

from clients.lab.panels import race_charts
from clients.lab.ui.colours import LIVE_BRAND
from clients.lab.ui.fields import WRAP, button, rest
from clients.lab.ui.status import status_line
from clients.lab.ui.tasks import current_loop, start
from clients.load import Load
from clients.report import Measurement, Reports
from servers import catalogue, launch

# What may decide a race: (in words, how a report counts; the smallest wins)
GOALS = {
    "answers a second": lambda report: -report.throughput,
    "latency at 99 %": lambda report: report.p99 if report.quantiles else float("inf"),
    "CPU time for an answer": lambda report: report.cpu_per_answer or float("inf"),
    "memory": lambda report: report.memory or float("inf"),
}


class Race:
    """Several servers under one load, one after the other.

    names   of the catalogue, or (name, source text or path) pairs; arguments after a space: "tcp_pool --workers 8"
    rounds  how often each is measured
    goal    what decides: one of GOALS
    """

    def __init__(self, *names, load=None, rounds=1, goal="answers a second"):
        self.entries = dict(entry if isinstance(entry, tuple) else (entry, entry) for entry in names)
        for what in self.entries.values():
            if isinstance(what, str) and "\n" not in what and "/" not in what:
                catalogue[what.split()[0]]  # raises UnknownServer, which names the near misses
        if goal not in GOALS:
            raise ValueError(f"{goal!r} decides no race. Choose one of: {', '.join(GOALS)}.")
        self.chosen = list(self.entries)
        self.load, self.rounds, self.goal = load or Load(), rounds, goal
        self.prediction = None  # names, the best first
        self.results = {}  # name -> a report for each round
        self.state, self.doing = "not run yet", ""
        self.measurement = None
        self.stopping = False
        self.panel = None

    # ------------------------------------------------------------ before

    def predict(self, *names):
        """Commit to a ranking, the best first."""
        if sorted(names) != sorted(self.chosen):
            raise ValueError(f"a ranking names each server once: {', '.join(self.chosen)}.")
        self.prediction = list(names)
        self.changed()

    # ------------------------------------------------------------ the run

    async def run(self):
        """Run the race; returns the Reports. Ends early after stop(), and keeps what was measured."""
        if self.state == "running":
            raise RuntimeError("this race is being run already. Wait for its end, or stop it.")
        self.state, self.stopping, self.results = "running", False, {}
        try:
            for number in range(self.rounds):
                for name in self.chosen:
                    if not self.stopping:
                        self.doing = f"{name}, round {number + 1} of {self.rounds}" if self.rounds > 1 else name
                        await self.run_one(name)
            self.state = "stopped" if self.stopping else "finished"
        except BaseException:
            self.state = "failed"
            raise
        finally:
            self.doing = ""
            self.changed()
        return self.reports

    async def run_one(self, name):
        self.changed()
        what, arguments = self.entries[name], ()
        if isinstance(what, str) and "\n" not in what:
            what, *arguments = what.split()
        server = await asyncio.to_thread(launch, what, *arguments, name=f"race {name}", watch=False)
        try:
            self.measurement = Measurement(server, self.load)
            if self.stopping:  # while the server was being launched
                self.measurement.stop()
            while not self.measurement.over:
                await asyncio.sleep(0.1)
                self.changed()
            report = dataclasses.replace(self.measurement.wait(), server=name)
            if report.seconds:
                self.results.setdefault(name, []).append(report)
        finally:
            if not self.measurement.over:
                self.measurement.kill()
            self.measurement = None
            await asyncio.to_thread(server.stop)
            self.changed()

    def stop(self):
        """End the race now. What was measured by then is kept."""
        self.stopping = True
        if measurement := self.measurement:
            measurement.stop()

    # ------------------------------------------------------------ after

    @property
    def reports(self):
        """A report for each server: the one in the middle of its rounds."""
        return Reports(race_charts.middle(reports, GOALS[self.goal]) for reports in self.results.values())

    @property
    def ranking(self):
        """Names of the servers that were measured, the best first."""
        return [report.server for report in sorted(self.reports, key=GOALS[self.goal])]

    def chart(self):
        """Throughput, with the single rounds, and the distribution of the latencies."""
        return race_charts.race(self.results)

    def verdict(self):
        """The prediction beside what came out, in words."""
        ranking = self.ranking
        lines = [f"By {self.goal}: {', '.join(ranking)}."] if ranking else []
        if self.prediction and sorted(self.prediction) == sorted(ranking):  # a race that was stopped judges nobody
            places = sum(said == came for said, came in zip(self.prediction, ranking, strict=False))
            winner = "The winner is right. " if self.prediction[0] == ranking[0] else "Another one won. "
            lines.append(f"You said: {', '.join(self.prediction)}. {winner}Right places: {places} of {len(self.prediction)}.")
        return " ".join(lines)

    def changed(self):
        if self.panel:
            self.panel.update()

    def __repr__(self):
        return f"Race of {', '.join(self.chosen)}: {self.state}"

    def _repr_mimebundle_(self, **options):
        self.panel = self.panel or Panel(self)
        self.panel.update()
        bundle = self.panel.widget._repr_mimebundle_(**options) | {"text/plain": repr(self)}
        if self.results:
            bundle["image/png"] = self.chart()._repr_png_()
        return bundle


# ---------------------------------------------------------------- the panel

ASKS = {
    "hello: next to no work": "hello",
    "sleep 0.01: work that waits": "sleep 0.01",
    "burn 0.005: work that computes": "burn 0.005",
    "mostly hello, some that wait, a few that compute": "90 hello, 8 sleep 0.01, 2 burn 0.005",
}
VISITS = {"stay connected": False, "connect anew for each question": True}
WIDE = {"description_width": "initial"}
FIELD = "330px"  # as wide as the longest description needs
MOST_CLIENTS = 1000  # a learner's notebook shall not be busy for minutes with making processes


class Panel:
    """What one sees of a race, and its buttons."""

    def __init__(self, race):
        self.race = race
        self.loop = current_loop()
        self.problem = ""
        self.drawn = None  # the results that the chart shows
        load = race.load
        self.boxes = {name: widgets.Checkbox(value=True, description=name, indent=False) for name in race.entries}
        self.clients = widgets.BoundedIntText(load.connections, 1, MOST_CLIENTS, description="Clients:", style=WIDE)
        self.idle = widgets.BoundedIntText(load.idle, 0, MOST_CLIENTS, description="Idle clients beside them:", style=WIDE)
        self.seconds = widgets.BoundedFloatText(load.seconds, min=0.2, max=60, description="Seconds for each:", style=WIDE)
        self.rate = widgets.BoundedFloatText(
            load.rate, min=0, max=1e5, description="Questions a second (0: closed loop):", style=WIDE
        )
        self.rounds = widgets.BoundedIntText(race.rounds, 1, 20, description="Rounds:", style=WIDE)
        asks = ASKS if load.mix in ASKS.values() else {load.mix: load.mix} | ASKS
        self.mix = widgets.Dropdown(options=asks, value=load.mix, description="They ask:", style=WIDE)
        self.visits = widgets.Dropdown(options=VISITS, value=load.connect_each, description="They", style=WIDE)
        self.goal = widgets.Dropdown(options=list(GOALS), value=race.goal, description="Who wins is decided by:", style=WIDE)
        self.order = list(race.prediction or race.chosen)
        self.places = widgets.VBox()
        self.commit = button("This is my ranking", self.predict)
        self.buttons = {"Run": button("Run", self.click_run), "Stop": button("Stop", race.stop)}
        self.progress, self.said, self.table, self.chart = (widgets.HTML() for _ in range(4))
        self.goal.observe(lambda _: self.choose(), names="value")
        for box in self.boxes.values():
            box.observe(lambda _: self.choose(), names="value")
        self.settings = [self.clients, self.idle, self.mix, self.visits, self.rate, self.seconds, self.rounds, self.goal]
        for field in self.settings:
            field.layout.width = FIELD
        self.widget = widgets.VBox(
            [
                widgets.HTML("<b>Servers</b>"),
                widgets.HBox(list(self.boxes.values()), layout=WRAP),
                widgets.HTML("<b>Load</b>"),
                widgets.HBox(self.settings, layout=WRAP),
                widgets.HTML("<b>Predict:</b> the best first"),
                self.places,
                self.commit,
                widgets.HBox(list(self.buttons.values())),
                self.progress,
                self.said,
                self.table,
                self.chart,
            ]
        )
        self.show_order()

    # ------------------------------------------------------------ choosing and predicting

    def choose(self):
        """The learner has chosen other servers, or another goal."""
        race = self.race
        race.chosen = [name for name, box in self.boxes.items() if box.value]
        race.goal = self.goal.value
        self.order = [name for name in self.order if name in race.chosen] + [n for n in race.chosen if n not in self.order]
        if race.prediction and sorted(race.prediction) != sorted(race.chosen):
            race.prediction = None
        self.show_order()
        self.update()

    def show_order(self):
        rows = []
        for place, name in enumerate(self.order):
            up = button(f"{name} up", lambda name=name: self.move_up(name))
            rest(up, place == 0)
            rows.append(widgets.HBox([widgets.Label(f"{place + 1}. {name}", layout=widgets.Layout(width="240px")), up]))
        self.places.children = rows

    def move_up(self, name):
        """Put this one a place further to the front."""
        place = self.order.index(name)
        self.order.insert(max(place - 1, 0), self.order.pop(place))
        self.show_order()

    def predict(self):
        """Commit to the ranking as it stands."""
        self.race.predict(*self.order)

    # ------------------------------------------------------------ running

    def click_run(self):
        start(self.run(), self.loop or current_loop(), self.failed)

    async def run(self):
        """Take over what the fields say, and run."""
        race, self.problem = self.race, ""
        if not race.chosen:
            raise ValueError("choose at least one server.")
        race.load = Load(
            connections=self.clients.value,
            idle=self.idle.value,
            seconds=self.seconds.value,
            warm_up=race.load.warm_up,
            mix=self.mix.value,
            connect_each=self.visits.value,
            rate=self.rate.value,
        )
        race.rounds = self.rounds.value
        await race.run()

    def failed(self, problem):
        self.problem = str(problem) or repr(problem)
        self.update()

    # ------------------------------------------------------------ showing

    def update(self):
        """Make the panel say how the race stands. A trait that keeps its value sends nothing."""
        race = self.race
        running = race.state == "running"
        rest(self.buttons["Run"], running)
        rest(self.buttons["Stop"], not running)
        rest(self.commit, running)
        for field in (*self.settings, *self.boxes.values()):
            field.disabled = running
        self.progress.value = progress_bar(race) if running else ""
        words = f"running: {race.doing}" if running else f"{race.state}. {race.verdict()}"
        if not running and race.prediction and not race.results:
            words = f"You say: {', '.join(race.prediction)}. Now run."
        mood = {"running": "busy", "finished": "good", "failed": "failed"}.get(race.state, "ready")
        trouble = f'<div style="white-space: pre-wrap">{html.escape(self.problem)}</div>' if self.problem else ""
        self.said.value = status_line("failed" if self.problem else mood, words) + trouble
        measured = [(name, len(reports)) for name, reports in race.results.items()]
        if (measured, race.goal) != self.drawn and not (running and not measured):
            self.drawn = measured, race.goal
            self.table.value = race.reports._repr_html_() if measured else ""
            self.chart.value = race.chart().html() if measured else ""


def progress_bar(race):
    """How far it is, in words and as a bar."""
    measurement = race.measurement
    done = sum(len(reports) for reports in race.results.values()) / max(len(race.chosen) * race.rounds, 1)
    words = "starting"
    if measurement:
        said = measurement.progress
        done += said["passed"] / race.load.seconds / max(len(race.chosen) * race.rounds, 1)
        wrong = sum(said["errors"].values())
        words = f"{said['phase']}: {said['passed']:.1f} of {race.load.seconds:g} s, {said['answers']:,} answers, {wrong} errors"
    percent = round(min(done, 1) * 100)
    return (
        f'<div role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent}" aria-label="progress of the race" '
        'style="width: 320px; height: 10px; border: 1px solid var(--jp-border-color1, #999)">'
        f'<div style="width: {percent}%; height: 100%; background: {LIVE_BRAND}"></div></div>'
        f"<div>{html.escape(words)}</div>"
    )
