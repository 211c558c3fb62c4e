"""One thread that keeps up to date what was shown last: server cards and gauges."""

import threading
import time


class Refresher:
    """Calls update() of each widget in turn, for ever. What one of them raises never stops the others: its own show_problem() gets it."""

    PERIOD = 0.5  # seconds between two rounds; more where a round takes long, so that it never takes a core for itself
    MAX_WIDGETS = 6  # a cell that is run again and again shows a new one each time, and nobody sees the old ones

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
    except Exception as problem:  # nobody sees what a thread raises
        try:
            widget.show_problem(problem)
        except Exception:
            pass  # a widget that cannot even say so must not take the others with it


refresher = Refresher()
