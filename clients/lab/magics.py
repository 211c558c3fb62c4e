"""%%server NAME: run the code of a cell as a server, started and watched like any other.

With --define the code is only stored in the variable NAME: `launch(NAME)` starts it later.

%%program NAME: run the code of a cell as a separate Python program until it ends, and show what it prints.
"""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from IPython.core.magic import Magics, cell_magic, magics_class

from servers import LaunchError, launch

PROGRAM_TIMEOUT = 30  # seconds
USAGE = "write it like this, with the server's code below:  %%server my_server [--define] [--no-watch] [arguments of the server]"


class CellFailed(RuntimeError):
    """A %%server or %%program cell failed. Only the message is shown: the frames of IPython would teach nothing."""

    def _render_traceback_(self):
        return [str(self)]


@magics_class
class CellMagics(Magics):
    @cell_magic
    def server(self, line, cell):
        """%%server NAME [--define] [--no-watch] [arguments]: start this cell's code as a server; run again to replace it."""
        name, arguments, watch = _parse(line)
        # An empty line replaces the %%server line, so that line numbers in errors match those of the cell.
        source = "\n" + cell
        if arguments == ["--define"]:
            self.shell.user_ns[name] = source
            print(f"{name} is defined; launch({name}, name={name!r}) starts it")
            return
        try:
            server = launch(source, *arguments, name=name, watch=watch)
        except LaunchError as problem:
            raise CellFailed(str(problem)) from None
        self.shell.user_ns[name] = server
        print(f"{name} is listening (tcp)" if server.kind == "tcp" else f"{name} is bound (udp)")
        for remark in server.remarks:
            print(remark)

    @cell_magic
    def program(self, line, cell):
        """%%program NAME: run this cell's code as a separate program; NAME becomes the list of lines it printed."""
        name = line.strip()
        if not name.isidentifier():
            raise CellFailed("%%program needs the name of a variable for the lines that it prints:  %%program printed")
        with tempfile.TemporaryDirectory(prefix="program-") as folder:
            file = Path(folder, f"{name}.py")  # not -c: children of multiprocessing import the main file
            file.write_text("\n" + cell, encoding="utf-8")  # empty first line: see server()
            path = os.pathsep.join(filter(None, [os.getcwd(), os.environ.get("PYTHONPATH")]))
            try:
                done = subprocess.run(
                    [sys.executable, "-u", file],  # -u: keeps output and errors in the order written
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, "PYTHONPATH": path},
                    timeout=PROGRAM_TIMEOUT,
                )
            except subprocess.TimeoutExpired:
                raise CellFailed(
                    f"the program still ran after {PROGRAM_TIMEOUT} s and was ended. A server belongs in a %%server cell."
                ) from None
        said = done.stdout.decode(errors="replace").replace(str(file), f"%%program {name}")
        print(said, end="")
        self.shell.user_ns[name] = said.splitlines()


def _parse(line):
    """Return (name, arguments, watch) from the rest of the %%server line."""
    try:
        words = shlex.split(line)
    except ValueError as problem:
        raise CellFailed(f"%%server: {problem}; {USAGE}") from None
    if not words:
        raise CellFailed(f"%%server needs a name; {USAGE}")
    name, *arguments = words
    if not name.isidentifier():
        raise CellFailed(f"%%server: {name!r} cannot be the name of a variable, which will hold the server; {USAGE}")
    watch = "--no-watch" not in arguments
    return name, [argument for argument in arguments if argument != "--no-watch"], watch


def load_ipython_extension(shell):
    """Register %%server and %%program with this IPython shell."""
    shell.register_magics(CellMagics)
