"""Each lesson, opened and run by a real browser in a real JupyterLab, from the learner's copy that has no outputs."""

import pytest

from clients.course.workspace import paths

ELSEWHERE = {"01-loop-model"}  # test_loop_lesson.py runs it, and clicks
FILES = {path.stem if path.parent.name == "notebooks" else f"deeper/{path.stem}": path for path in paths()}
LESSONS = FILES.keys() - ELSEWHERE
ONE_PORT = {name for name in LESSONS if "6666)" in FILES[name].read_text(encoding="utf-8")}
# Lessons wait a lot, so two run side by side; but never two of those that need the source's port.
TOGETHER = [[] for _ in range(-(-len(LESSONS) // 2))]
for place, name in enumerate([*sorted(ONE_PORT), *sorted(LESSONS - ONE_PORT)]):
    TOGETHER[place % len(TOGETHER)].append(name)


@pytest.mark.parametrize("names", TOGETHER, ids=" and ".join)
def test_every_cell_runs(open_lesson, names):
    lessons = [open_lesson(name) for name in names]
    for lesson in lessons:
        lesson.start_all()
    for lesson in lessons:
        lesson.run_all()
        lesson.screenshot(lesson.name)
        assert lesson.errors() == []
        assert lesson.unexecuted() == []
    # (that nothing was asked of the internet, and no widget raised in the browser, the page itself sees to)
