"""What a server prints: read from its pipe while it runs, and kept to a bounded size."""

import os
import re
import select
import threading
from collections.abc import Callable

MAX_OUTPUT = 200_000  # bytes kept per server; older lines are discarded
MAX_LINE = 65_536  # bytes; only the start and the end of a longer line are kept
LINE_END = 1_000  # bytes kept at either end
PIPE = 65_536  # bytes that a pipe holds, pipe(7): one read of that size takes everything in it
# Sequences that make a terminal change colour, move its cursor, or change its title (ECMA-48). A notebook asks programs for
# colours: its kernel sets FORCE_COLOR.
CONTROLS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[ -/]*[0-Z^-~])")
OVERPRINTED = re.compile(r"^[^\n]*\r(?=[^\r\n])|\r+$", re.MULTILINE)  # all of a progress line except what shows last
PROBE_FRAMES = re.compile(
    r'^  File ".*servers.runtime.(?:probe.\w+|supervisor)\.py", line .*\n(?:    .*(?:\n|$))*', re.MULTILINE
)


class Output:
    """The output of one process tree; `read` runs in its own thread, `text` may be called from any."""

    def __init__(self, file, tell: Callable[[], None]) -> None:
        self._file = file  # the read end of a non-blocking pipe; None before there is one
        self._tell = tell  # called when more has arrived
        self._taking = threading.Lock()
        self._lines, self._forgotten = bytearray(), False  # whole lines; whether older ones were discarded
        self._line, self._left_out = bytearray(), 0  # the unfinished line, and the bytes left out of its middle

    def read(self) -> None:
        """Read until no process is left that could print, then close the file."""
        more = select.poll()
        more.register(self._file, select.POLLIN)
        while self._take():
            more.poll()
        with self._taking:
            self._file.close()

    def text(self) -> str:
        """Return all output so far that is kept, including what the reading thread has not yet read.

        Tracebacks are as `python script.py` prints them: without the probe's frames.
        """
        if self._file:
            self._take()
        with self._taking:
            text = bytes(self._lines[-MAX_OUTPUT:] + self._joined())
            cut = self._forgotten or len(self._lines) > MAX_OUTPUT
        if cut:
            text = b"(what was printed before is not kept)\n" + text.partition(b"\n")[2]
        plain = CONTROLS.sub("", text.decode(errors="replace").rstrip("\n"))
        return PROBE_FRAMES.sub("", OVERPRINTED.sub("", plain) if "\r" in plain else plain)

    def _take(self):
        with self._taking:
            try:
                data = b"" if self._file.closed else os.read(self._file.fileno(), PIPE)
            except BlockingIOError:
                return True
            self._add(data)
        self._tell()
        return bool(data)

    def _add(self, data):
        first, newline, rest = data.partition(b"\n")
        self._line += first
        if self._left_out or len(self._line) > MAX_LINE:
            self._left_out += max(0, len(self._line) - 2 * LINE_END)
            del self._line[LINE_END:-LINE_END]
        if newline:
            whole, newline, last = rest.rpartition(b"\n")
            self._lines += self._joined() + b"\n" + whole + newline
            self._line, self._left_out = bytearray(last), 0
            if len(self._lines) > 2 * MAX_OUTPUT:
                del self._lines[:-MAX_OUTPUT]
                self._forgotten = True

    def _joined(self):
        """Return the unfinished line, with a note in place of its middle."""
        if not self._left_out:
            return bytes(self._line)
        told = f" ... ({self._left_out} bytes of this line are not kept) ... ".encode()
        return bytes(self._line[:LINE_END]) + told + bytes(self._line[LINE_END:])
