"""Run a lesson and store its outputs in it: `make store LESSON=02` or `LESSON=deeper/what-must-be-closed`; without LESSON, all of them.

The outputs are those that nbval will see when it runs the lesson again, without anything specific to this machine or this
run: no widget state (with it, a viewer would fetch the widget from the internet instead of showing the stored picture),
no timings, no folder names. A lesson with a failing cell is not stored, unless the cell is tagged raises-exception.
"""

import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from clients.course import curriculum, kernel_sockets, map_and_glossary, workspace
from clients.lab import needs

CELL_TIMEOUT = 60  # the same as in `make test-lessons`
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class NotStored(Exception):
    """The lesson did not run to its end; the message says which cell failed and how."""


def execute(path):
    """Run a notebook in its own folder and store it; raise NotStored and leave the file alone if a cell fails.

    Raises NotStored, too, on a machine that lacks what a %%needs cell asks for.
    """
    notebook = nbformat.read(path, as_version=4)
    run(notebook, path)
    tidy(notebook)
    nbformat.write(notebook, path)


def run(notebook, path):
    """Run the cells of a lesson that was read from this path, in its folder; raise NotStored if one fails."""
    lines = re.findall(r"^%%needs (.+)", "\n".join(cell.source for cell in notebook.cells), re.MULTILINE)
    for need in sorted({need for line in lines for need in line.split()}):
        if need in needs.OBSTACLES and (trouble := needs.obstacle(need)):
            raise NotStored(f"{path.name} is not stored: a cell needs {need}, and {trouble}.")
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        config=kernel_sockets.configuration(),
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        number = client.code_cells_executed - 1  # as nbval counts
        raise NotStored(f"{path.name} is not stored: code cell {number} failed (the first is 0)\n{COLOUR.sub('', str(error))}") from None


def tidy(notebook):
    """Remove what is specific to this machine or this run; cell IDs stay, so that a diff shows what changed."""
    notebook.metadata = nbformat.from_dict(curriculum.KERNEL)
    for cell in notebook.cells:
        for key in ("execution", "ExecuteTime", "collapsed", "scrolled"):
            cell.metadata.pop(key, None)
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data.pop(needs.WIDGET_VIEW, None)
            if "traceback" in output:  # nbval compares the error itself, not the traceback
                output.traceback = [_without_folders(line) for line in output.traceback]


def _without_folders(text):
    for folder in (sys.prefix, sys.base_prefix, curriculum.REPOSITORY):
        text = text.replace(f"{folder}/", "")
    return text.replace(f"{Path.home()}/", "~/")


def main(wanted):
    lessons = workspace.named()
    paths = [path for name, path in lessons.items() if name.startswith(wanted)]
    if not paths:
        sys.exit(f"No lesson begins with {wanted}. There are:\n{workspace.listed(lessons)}")
    failed = 0
    for path in paths:
        print(f"{path.name} ...", end=" ", flush=True)
        try:
            with workspace.plain_words():
                execute(path)
            print("stored")
        except NotStored as error:
            failed += 1
            print(error)
    map_and_glossary.main()  # a new lesson or title changes the links of its neighbours
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main("".join(sys.argv[1:]))
