"""Each lesson, opened and run by a real browser in a real JupyterLab, from the learner's copy that has no outputs."""

import pytest

from clients.course.workspace import paths

ELSEWHERE = {"01-loop-model"}  # test_loop_lesson.py runs it, and clicks
LESSONS = {path.stem if path.parent.name == "notebooks" else f"deeper/{path.stem}" for path in paths()} - ELSEWHERE


@pytest.mark.parametrize("name", sorted(LESSONS))
def test_every_cell_runs(open_lesson, name):
    lesson = open_lesson(name)
    lesson.run_all()
    lesson.screenshot(name)
    assert lesson.errors() == []
    assert lesson.unexecuted() == []
    assert lesson.missing_pictures() == []
    # (that nothing was asked of the internet, and no widget raised in the browser, the page itself sees to)
