"""Group 6: all lessons under nbval, as `make test-lessons` runs them, against as many notebooks that contain only a 1."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from measuring import ROOT, in_turns, ratios, row

LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
NBVAL = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "--nbval-cell-timeout=60"]
NBVAL.append(f"--nbval-sanitize-with={ROOT}/clients/course/sanitize.cfg")
SIDE_BY_SIDE = ["-n", "6", "--dist", "loadfile"]


def run(rounds):
    with tempfile.TemporaryDirectory() as folder:
        for lesson in LESSONS:
            nothing = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", execution_count=1)])
            nothing.cells[0].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "1"}, execution_count=1)]
            nothing.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
            nbformat.write(nothing, Path(folder, lesson.name))
        empty = [str(Path(folder, lesson.name)) for lesson in LESSONS]
        found = in_turns(
            {
                "lessons": lambda: seconds([*SIDE_BY_SIDE, *map(str, LESSONS)]),
                "bare": lambda: seconds([*SIDE_BY_SIDE, *empty]),
            },
            rounds,
        )
    return [
        row(f"all {len(LESSONS)} lessons under nbval, four side by side", found["lessons"], "s", 60, at_most=True),
        row(f"{len(LESSONS)} bare kernel starts", found["bare"], "s"),
        row("lessons / bare kernel starts", ratios(found["lessons"], found["bare"]), "ratio"),
    ]


def seconds(arguments):
    began = time.perf_counter()
    done = subprocess.run([*NBVAL, *arguments], capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        print(f"    nbval failed:\n{done.stdout[-1500:]}", flush=True)
    return time.perf_counter() - began
