"""The folder in which a server keeps files: a given one, or a new one, removed on exit."""

import contextlib
import signal
import sys
import tempfile
from pathlib import Path


@contextlib.contextmanager
def kept_in(given, prefix):
    """Yield the folder as a Path. Without `given`, create a temporary folder.

    SIGTERM ends a process at once, and so does SIGHUP when its terminal closes, which would leave
    the folder behind. So here both call sys.exit(). SIGKILL cannot be caught (signal(7)): then the
    folder stays until the system cleans up.
    """
    ending = signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)  # Windows has no SIGHUP
    for number in ending:
        signal.signal(number, lambda number, frame: sys.exit())
    if given:
        try:
            Path(given).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"none can be created there: {error.strerror}"
            sys.exit(f"There is no folder at {given}, and {reason}.")
        yield Path(given).resolve()
    else:
        with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as own:
            yield Path(own).resolve()
