"""The panel of a race: fields to choose and predict, buttons, progress, table and chart."""

import dataclasses
import html

import ipywidgets as widgets

from clients.lab.panels.race import GOALS
from clients.lab.ui.colours import LIVE_BRAND
from clients.lab.ui.fields import WRAP, button, rest
from clients.lab.ui.status import status_line
from clients.lab.ui.tasks import Clicks

ASKS = {
    "hello: next to no work": "hello",
    "sleep 0.01: work that waits": "sleep 0.01",
    "burn 0.005: work that computes": "burn 0.005",
    "mostly hello, some that wait, a few that compute": "90 hello, 8 sleep 0.01, 2 burn 0.005",
}
VISITS = {"stay connected": False, "connect again for each question": True}
FIELD = "330px"  # as wide as the longest description needs
MAX_CLIENTS = 1000  # more would take a learner's notebook minutes


class RacePanel:
    """Fields and buttons of a race, its progress, its table and its chart."""

    def __init__(self, race):
        self.race = race
        self._clicks = Clicks(self.update)
        self.drawn = None  # the results that the chart shows
        load = race.load
        self.boxes = {name: widgets.Checkbox(value=True, description=name, indent=False) for name in race.entries}
        asks = ASKS if load.mix in ASKS.values() else {load.mix: load.mix} | ASKS
        self.load = {  # the fields of a Load, in the order in which they are shown
            "connections": widgets.BoundedIntText(load.connections, 1, MAX_CLIENTS, description="Clients:"),
            "idle": widgets.BoundedIntText(load.idle, 0, MAX_CLIENTS, description="Idle clients beside them:"),
            "mix": widgets.Dropdown(options=asks, value=load.mix, description="They ask:"),
            "connect_each": widgets.Dropdown(options=VISITS, value=load.connect_each, description="They"),
            "rate": widgets.BoundedFloatText(load.rate, min=0, max=1e5, description="Questions a second (0: closed loop):"),
            "seconds": widgets.BoundedFloatText(load.seconds, min=0.2, max=60, description="Seconds for each:"),
        }
        self.rounds = widgets.BoundedIntText(race.rounds, 1, 20, description="Rounds:")
        self.goal = widgets.Dropdown(options=list(GOALS), value=race.goal, description="The winner is decided by:")
        self.order = list(race.prediction or race.chosen)
        self.places, self._rows = widgets.VBox(), []
        self.commit = button("This is my ranking", self._predict)
        self.buttons = {"Run": button("Run", lambda: self._clicks.start(self._run())), "Stop": button("Stop", race.stop)}
        self.progress, self.said, self.table, self.chart = (widgets.HTML() for _ in range(4))
        self.goal.observe(lambda _: self._choose(), names="value")
        for box in self.boxes.values():
            box.observe(lambda _: self._choose(), names="value")
        self.settings = [*self.load.values(), self.rounds, self.goal]
        for field in self.settings:
            field.layout.width, field.style.description_width = FIELD, "initial"
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
        self._show_order()

    # ------------------------------------------------------------ choosing and predicting

    def _choose(self):
        """Take over the learner's choice of servers and goal."""
        race = self.race
        race.chosen = [name for name, box in self.boxes.items() if box.value]
        race.goal = self.goal.value
        self.order = [name for name in self.order if name in race.chosen] + [n for n in race.chosen if n not in self.order]
        if race.prediction and sorted(race.prediction) != sorted(race.chosen):
            race.prediction = None
        self._show_order()
        self.update()

    def _show_order(self):
        """Show a row for each place. Rows are reused, so that the focus stays on the button that was pressed."""
        while len(self._rows) < len(self.order):
            self._rows.append(self._new_row(len(self._rows)))
        for place, (name, row) in enumerate(zip(self.order, self._rows, strict=False)):
            label, up = row.children
            label.value = f"{place + 1}. {name}"
            up.description = up.tooltip = f"{name} up"
        self.places.children = self._rows[: len(self.order)]

    def _new_row(self, place):
        up = button("up", lambda: self.move_up(self.order[place]))
        rest(up, place == 0)
        return widgets.HBox([widgets.Label(layout=widgets.Layout(width="240px")), up])

    def move_up(self, name):
        place = self.order.index(name)
        self.order.insert(max(place - 1, 0), self.order.pop(place))
        self._show_order()

    def _predict(self):
        self.race.predict(*self.order)

    # ------------------------------------------------------------ running

    async def _run(self):
        """Run the race with the settings in the fields."""
        race = self.race
        if not race.chosen:
            raise ValueError("choose at least one server.")
        race.load = dataclasses.replace(race.load, **{name: field.value for name, field in self.load.items()})
        race.rounds = self.rounds.value
        await race.run()

    # ------------------------------------------------------------ showing

    def update(self):
        """Show the state of the race. Assigning an unchanged value to a widget sends no message."""
        race = self.race
        running = race.state == "running"
        rest(self.buttons["Run"], running)
        rest(self.buttons["Stop"], not running)
        rest(self.commit, running)
        for field in (*self.settings, *self.boxes.values()):
            field.disabled = running
        self.progress.value = _progress_bar(race) if running else ""
        words = f"running: {race.doing}" if running else f"{race.state}. {race.verdict()}"
        if not running and race.prediction and not race.results:
            words = f"You say: {', '.join(race.prediction)}. Now run."
        mood = {"running": "busy", "finished": "good", "failed": "failed"}.get(race.state, "ready")
        trouble = f'<div style="white-space: pre-wrap">{html.escape(self._clicks.trouble)}</div>' if self._clicks.trouble else ""
        self.said.value = status_line("failed" if self._clicks.trouble else mood, words) + trouble
        measured = [(name, len(reports)) for name, reports in race.results.items()]
        if (measured, race.goal) != self.drawn and not (running and not measured):
            self.drawn = measured, race.goal
            self.table.value = race.reports._repr_html_() if measured else ""
            self.chart.value = race.chart().html() if measured else ""


def _progress_bar(race):
    """Return the progress of the race as a bar and in words."""
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
