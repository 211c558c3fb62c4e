"""The refresher: an exception of one widget is shown there, and the others stay up to date."""

import threading

from support import eventually

from clients.lab.ui.refresher import Refresher


class Counter:
    """A widget that counts its updates, and raises `problem` if given."""

    def __init__(self, problem=None, shows_it=True):
        self.problem, self.shows_it = problem, shows_it
        self.updates, self.shown = 0, []

    def update(self):
        self.updates += 1
        if self.problem:
            raise self.problem

    def show_problem(self, problem):
        if not self.shows_it:
            raise AttributeError("this widget has nowhere to say it")
        self.shown.append(problem)


def test_no_exception_of_one_widget_stops_the_others(monkeypatch):
    monkeypatch.setattr(Refresher, "PERIOD", 0.001)
    problem = ZeroDivisionError("a mistake")
    fine, broken, mute, last = Counter(), Counter(problem), Counter(problem, shows_it=False), Counter()
    refresher = Refresher()
    for widget in (fine, broken, mute, last):
        refresher.add(widget)
    eventually(lambda: min(widget.updates for widget in (fine, broken, mute, last)) > 3)
    assert set(broken.shown) == {problem} and refresher._thread in threading.enumerate()


def test_the_widgets_that_were_shown_last_are_kept_up_to_date(monkeypatch):
    monkeypatch.setattr(Refresher, "PERIOD", 0.001)
    refresher = Refresher()
    widgets = [Counter() for _ in range(Refresher.MAX_WIDGETS + 1)]
    for widget in [*widgets, widgets[-1]]:
        refresher.add(widget)
    assert refresher._widgets == widgets[1:]
