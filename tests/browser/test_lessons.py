"""Lessons from a learner's copy without outputs, opened and run by a real browser in a real JupyterLab.

nbval runs the cells of all lessons. Only a browser shows that widgets appear and that the console has no exceptions, which is the
same in many lessons: so only the main lessons run here, and those side paths that show something no lesson does.
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
    # (the page itself checks that nothing was requested from the internet, and that no widget raised in the browser)


def test_whatever_the_lab_can_show_is_shown_in_a_browser():
    cells = [cell.source for name in RUN for cell in nbformat.read(LESSONS[name], as_version=4).cells if cell.cell_type == "code"]
    shown = set(re.findall(r"\w+", "\n".join([*cells, *CELLS])))
    assert not [name for name in lab.__all__ if name[0].isupper() and name not in shown]
