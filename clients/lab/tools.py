"""Run system tools such as `ss`, `lsof`, `strace` and `tcpdump` on a server.

    outside(f"ss -ltn sport = :{server.port}")

    trace = start_outside(f"strace -f -e trace=network -p {server.pid}")
    ...                                     # let the server do something
    trace.stop(after="sendto(")             # waits for these words in the output, then ends the tool and prints everything

    kill(server.pid)                        # as `kill -KILL PID` does in a terminal

Mark a cell with %%needs (clients.lab.needs) if its tool may be missing or may not be permitted.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

from clients.lab.needs import SEARCHED

TIMEOUT = 20  # seconds, for a command to end and for a tool to print its first line
CAUGHT = {"shell": True, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}


class ToolFailed(RuntimeError):
    """The command could not be run, or took too long. Only the message is shown."""

    def _render_traceback_(self):
        return [str(self)]


def outside(command):
    """Run one command line in a shell, as in a terminal, and print it with its output.

    Raises ToolFailed if it takes longer than 20 seconds or the shell does not find the command.
    """
    print(f"$ {command}")
    try:
        done = subprocess.run(command, **CAUGHT, timeout=TIMEOUT, env=_environment())
    except subprocess.TimeoutExpired:
        raise ToolFailed(f"the command still ran after {TIMEOUT} s and was ended. For a tool that watches, use start_outside().") from None
    if done.returncode == 127:  # sh(1): the command was not found
        raise ToolFailed(done.stdout.decode(errors="replace").strip())
    print(_shown(done.stdout), end="")


def start_outside(command):
    """Start a tool that keeps running, such as strace or tcpdump, and return it once it has printed a line.

    Raises ToolFailed with the tool's output if it prints nothing within 20 seconds, or ends with an error.
    """
    return Watching(command)


def kill(pid):
    """End one process at once, with SIGKILL: it cannot clean up. Print a sentence if it has ended before.

    So a learner may run the cell again. (os.kill() would raise ProcessLookupError.)
    """
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        print(f"Process {pid} has already ended. To see it end again, first run the cell that starts it.")


class Watching:
    """A tool that runs beside the server; stop() ends it and prints its output."""

    def __init__(self, command):
        self.command = command
        self._said = []
        self._begun = threading.Event()
        self._tool = subprocess.Popen(f"exec {command}", **CAUGHT, env=_environment(), preexec_fn=_dies_with_the_kernel())
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._begun.wait(TIMEOUT) or self._tool.poll():
            self._end()
            raise ToolFailed(f"$ {command}\n{self.text or 'It said nothing.'}")

    @property
    def text(self):
        """The output of the tool so far."""
        return _shown(b"".join(self._said))

    def stop(self, after=None):
        """End the tool as Ctrl-C would, and print its command line and its output.

        after: words to wait for in the output first, because a tool reports an event slightly late.
        Raises ToolFailed if they do not appear within 20 s, or if the tool has failed.
        """
        deadline = time.monotonic() + TIMEOUT
        while after and after not in self.text and self._tool.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        failed = self._tool.poll()
        self._end()
        if failed:
            raise ToolFailed(f"$ {self.command}\n{self.text}It ended by itself.")
        if after and after not in self.text:
            raise ToolFailed(f"$ {self.command}\n{self.text}It has not seen {after!r} in {TIMEOUT} s.")
        print(f"$ {self.command}")
        print(self.text, end="")

    def _read(self):
        for line in self._tool.stdout:
            self._said.append(line)
            self._begun.set()
        self._tool.wait()
        self._begun.set()

    def _end(self):
        if self._tool.poll() is None:
            self._tool.send_signal(signal.SIGINT)
            try:
                self._tool.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                self._tool.kill()
        self._reader.join(TIMEOUT)


def _dies_with_the_kernel():
    """Return a preexec_fn that kills the tool when the notebook's kernel dies, even by SIGKILL (prctl(2), PR_SET_PDEATHSIG)."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(1, signal.SIGKILL, 0, 0, 0)


def _environment():
    """Return this kernel's environment with a fixed locale and width, no colours, and the sbin folders in PATH."""
    plain = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR")}
    return {**plain, "PATH": SEARCHED, "LC_ALL": "C.UTF-8", "COLUMNS": "120", "TERM": "dumb", "NO_COLOR": "1"}


def _shown(said):
    return said.decode(errors="replace")
