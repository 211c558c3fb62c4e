"""Lessons, opened and run by a real browser in a real JupyterLab, from the learner's copy that has no outputs.

nbval runs the cells of all lessons. What only a browser shows, that a widget appears and the console stays without an exception, is
the same in many: so the lessons of the main road run here, and of the side paths those that show what no lesson does.
"""

import re

import nbformat
import pytest
from test_panels import CELLS

from clients import lab
from clients.course.workspace import paths

LESSONS = {path.stem if path.parent.name == "notebooks" else f"deeper/{path.stem}": path for path in paths()}
ELSEWHERE = {
    "01-loop-model": "test_loop_lesson.py runs it, and clicks",
    "08-the-race": "its races want the machine for themselves: test_panels.py has a short one",
}
SIDE_PATHS = {
    "deeper/datagrams-and-order": "a timeline of datagrams",
    "deeper/ftp-byte-by-byte": "the FTP panel, and a timeline of data connections",
    "deeper/pools": "a picture, seen from the folder deeper/",
}
RUN = {name for name in LESSONS if not name.startswith("deeper/")} - ELSEWHERE.keys() | SIDE_PATHS.keys()


@pytest.mark.parametrize("name", sorted(RUN))
def test_every_cell_runs(open_lesson, name):
    lesson = open_lesson(name)
    lesson.run_all()
    lesson.screenshot(name)
    assert lesson.errors() == []
    assert lesson.unexecuted() == []
    assert lesson.missing_pictures() == []
    # (that nothing was asked of the internet, and no widget raised in the browser, the page itself sees to)


def test_whatever_the_lab_can_show_is_shown_in_a_browser():
    cells = [cell.source for name in RUN for cell in nbformat.read(LESSONS[name], as_version=4).cells if cell.cell_type == "code"]
    shown = set(re.findall(r"\w+", "\n".join([*cells, *CELLS])))
    assert not [name for name in lab.__all__ if name[0].isupper() and name not in shown]
