"""One thread that keeps the most recent server cards and gauges up to date."""

import threading
import time


class Refresher:
    """Call update() of each widget in turn, forever. An exception goes to that widget's show_problem() and never stops the others."""

    PERIOD = 0.5  # seconds between two rounds; longer if a round is slow, so that this thread never occupies a whole core
    MAX_WIDGETS = 6  # each run of a cell shows a new widget, and the old ones are out of sight

    def __init__(self):
        self._widgets = []
        self._lock = threading.Lock()
        self._thread = None

    def add(self, widget):
        """Keep this widget up to date from now on."""
        with self._lock:
            others = [other for other in self._widgets if other is not widget]
            self._widgets = [*others[1 - self.MAX_WIDGETS :], widget]
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="widget refresher", daemon=True)
                self._thread.start()

    def _run(self):
        took = 0
        while True:
            time.sleep(max(self.PERIOD, 4 * took))
            began = time.monotonic()
            for widget in self._widgets:
                _refresh(widget)
            took = time.monotonic() - began


def _refresh(widget):
    try:
        widget.update()
    except Exception as problem:  # an exception in this thread would go unseen
        try:
            widget.show_problem(problem)
        except Exception:
            pass  # a widget that cannot show its problem must not stop the others


refresher = Refresher()
