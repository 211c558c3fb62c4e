"""The folder in which a server keeps files: one that it is given, or one of its own, which goes when the server ends."""

import contextlib
import signal
import sys
import tempfile
from pathlib import Path


@contextlib.contextmanager
def kept_in(given, prefix):
    """Give the folder as a Path. Without `given` it is a new one in the system's place for temporary files.

    SIGTERM ends a process where it stands, and so does SIGHUP, when its terminal is closed; its folder would stay behind. So here
    they end the program as sys.exit() does. Nothing helps against SIGKILL (signal(7)): then the folder stays, until the system
    tidies up.
    """
    for number in signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM):  # Windows has no SIGHUP
        signal.signal(number, lambda number, frame: sys.exit())
    if given:
        try:
            Path(given).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            sys.exit(f"There is no folder at {given}, and none can be made there: {error.strerror}.")
        yield Path(given).resolve()
    else:
        with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as own:
            yield Path(own).resolve()
