"""A race: several servers under the same load, one after the other. It uses no widgets.

    race = Race("tcp_loop", "tcp_fork", "tcp_epoll", load=Load(connections=20))
    race.predict("tcp_epoll", "tcp_fork", "tcp_loop")    # best first
    await race.run()
    race.reports                                         # a table; race.chart() draws it

`race` at the end of a cell shows a RacePanel, which does the same by clicks. One server runs at a time, and each runs once in
every round, so that a machine that becomes slower meanwhile slows all of them down.
"""

import asyncio
import dataclasses

from clients.lab.panels import race_charts
from clients.lab.ui.pictures import with_picture
from clients.load import Load
from clients.report import Measurement, Reports
from servers import catalogue, launch

# What can decide a race: a name, and the number of a report that counts; the smallest wins.
GOALS = {
    "answers a second": lambda report: -report.throughput,
    "latency at 99 %": lambda report: report.p99 if report.quantiles else float("inf"),
    "CPU time for an answer": lambda report: report.cpu_per_answer or float("inf"),
    "memory": lambda report: report.memory or float("inf"),
}


class Race:
    """Several servers under the same load, one after the other.

    names   catalogue names, with arguments after a space: "tcp_pool --workers 8"; or (name, source text or path) pairs
    rounds  how often each server is measured

    `goal`, a key of GOALS, decides the race. Raises UnknownServer.
    """

    def __init__(self, *names, load=None, rounds=1):
        self.entries = dict(entry if isinstance(entry, tuple) else (entry, entry) for entry in names)
        for what in self.entries.values():
            if isinstance(what, str) and "\n" not in what and "/" not in what:
                catalogue[what.split()[0]]  # raises UnknownServer, which suggests similar names
        self.chosen = list(self.entries)
        self.load, self.rounds, self.goal = load or Load(), rounds, "answers a second"
        self.prediction = None  # names, best first
        self.results = {}  # name -> a report for each round
        self.state, self.doing = "not run yet", ""
        self.measurement = None
        self._stopping = False
        self.panel = None

    # ------------------------------------------------------------ before

    def predict(self, *names):
        """Commit to a ranking, best first."""
        if sorted(names) != sorted(self.chosen):
            raise ValueError(f"a ranking names each server once: {', '.join(self.chosen)}.")
        self.prediction = list(names)
        self._changed()

    # ------------------------------------------------------------ the run

    async def run(self):
        """Run the race; return the Reports. After stop() it ends early and keeps what was measured. Raises LaunchError.

        If the race is already running, for example after a click on "Run", wait for the end of that run.
        """
        if self.state == "running":
            while self.state == "running":
                await asyncio.sleep(0.05)
            return self.reports
        self.state, self._stopping, self.results = "running", False, {}
        try:
            for number in range(self.rounds):
                for name in self.chosen:
                    if not self._stopping:
                        self.doing = f"{name}, round {number + 1} of {self.rounds}" if self.rounds > 1 else name
                        await self._run_one(name)
            self.state = "stopped" if self._stopping else "finished"
        except BaseException:
            self.state = "failed"
            raise
        finally:
            self.doing = ""
            self._changed()
        return self.reports

    async def _run_one(self, name):
        self._changed()
        what, arguments = self.entries[name], ()
        if isinstance(what, str) and "\n" not in what:
            what, *arguments = what.split()
        server = await asyncio.to_thread(launch, what, *arguments, name=f"race {name}", watch=False)
        try:
            self.measurement = Measurement(server, self.load)
            if self._stopping:  # while the server was being launched
                self.measurement.stop()
            while not self.measurement.over:
                await asyncio.sleep(0.1)
                self._changed()
            report = dataclasses.replace(self.measurement.wait(), server=name)
            if report.seconds:
                self.results.setdefault(name, []).append(report)
        finally:
            if not self.measurement.over:
                self.measurement.kill()
            self.measurement = None
            await asyncio.to_thread(server.stop)
            self._changed()

    def stop(self):
        """End the race now; keep what was measured."""
        self._stopping = True
        if measurement := self.measurement:
            measurement.stop()

    # ------------------------------------------------------------ after

    @property
    def reports(self):
        """One report for each server: the median of its rounds."""
        return Reports(race_charts.middle(reports, GOALS[self.goal]) for reports in self.results.values())

    @property
    def ranking(self):
        """The names of the measured servers, best first."""
        return [report.server for report in sorted(self.reports, key=GOALS[self.goal])]

    def chart(self):
        """Return a Chart of the throughput, with the single rounds, and of the distribution of latencies."""
        return race_charts.race(self.results)

    def verdict(self):
        """Return the result in words, compared with the prediction."""
        ranking = self.ranking
        lines = [f"By {self.goal}: {', '.join(ranking)}."] if ranking else []
        if self.prediction and sorted(self.prediction) == sorted(ranking):  # a stopped race judges no prediction
            places = sum(said == came for said, came in zip(self.prediction, ranking, strict=False))
            winner = "You named the winner. " if self.prediction[0] == ranking[0] else "Another server won. "
            lines.append(f"You said: {', '.join(self.prediction)}. {winner}{places} of {len(self.prediction)} places are right.")
        return " ".join(lines)

    def _changed(self):
        if self.panel is not None:
            self.panel.update()

    def __repr__(self):
        return f"Race of {', '.join(self.chosen)}: {self.state}"

    def _repr_mimebundle_(self, **options):
        from clients.lab.panels.race_panel import RacePanel  # here, because race_panel imports this module

        self.panel = self.panel or RacePanel(self)
        self.panel.update()
        live = self.panel.widget._repr_mimebundle_(**options)
        if not self.results:
            return live | {"text/plain": repr(self)}
        chart = self.chart()
        return with_picture(live, chart.png, chart.width, chart.words, repr(self))
