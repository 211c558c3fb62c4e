"""Your progress through all lessons: predictions made and right, exercises passed, what to read again."""

import html
import json
import re
from typing import NamedTuple

from clients.lab.learning import progress_store
from clients.lab.ui.boxes import table

SIDE_PATHS = "deeper"  # their folder, next to the lessons
NOWHERE = "Your progress is kept in your own copy of the lessons, which `make lab` opens. This is not that copy."


def progress():
    """Return your progress in all lessons and side paths of your copy. `progress()` at the end of a cell shows it."""
    folder = progress_store.folder()
    return Progress([] if folder is None else [_lesson(path) for path in _paths(folder)])


class Lesson(NamedTuple):
    """The predictions and exercises of a lesson, and their results."""

    title: str
    predictions: int  # number of predictions in the lesson
    made: list  # stored notes of the answered ones
    exercises: list  # numbers of the exercises
    checked: dict  # number of an exercise -> whether it was passed

    @property
    def right(self):
        return sum(note.get("verdict") == "right" for note in self.made)

    @property
    def passed(self):
        return sum(self.checked.get(number, False) for number in self.exercises)

    @property
    def again(self):
        """What to read again: questions not answered right, and exercises tried but not passed."""
        questions = [note["question"] for note in self.made if note.get("verdict") == "not this time"]
        return questions + [f"exercise {number}" for number in self.exercises if self.checked.get(number) is False]

    @property
    def counts(self):
        """(predictions, exercises), in words."""
        predictions = f"{len(self.made)} of {self.predictions} made, {self.right} right" if self.predictions else "none"
        return predictions, f"{self.passed} of {len(self.exercises)} passed" if self.exercises else "none"


class Progress:
    """The progress in all lessons, one line each, shown at the end of a cell."""

    def __init__(self, lessons):
        self.lessons = lessons

    @property
    def total(self):
        """The totals of all lessons, in words."""
        made, asked = sum(len(lesson.made) for lesson in self.lessons), sum(lesson.predictions for lesson in self.lessons)
        passed, exercises = sum(lesson.passed for lesson in self.lessons), sum(len(lesson.exercises) for lesson in self.lessons)
        right = sum(lesson.right for lesson in self.lessons)
        return f"Predictions: {made} of {asked} made, {right} right. Exercises: {passed} of {exercises} passed."

    def __repr__(self):
        if not self.lessons:
            return NOWHERE
        lines = [self.total]
        for lesson in self.lessons:
            predictions, exercises = lesson.counts
            lines.append(f"{lesson.title}: predictions {predictions}; exercises {exercises}.")
            lines += [f"    Read again: {what}" for what in lesson.again]
        return "\n".join(lines)

    def _repr_html_(self):
        if not self.lessons:
            return f"<p>{html.escape(NOWHERE)}</p>"
        rows = [(lesson.title, *lesson.counts, "\n".join(lesson.again)) for lesson in self.lessons]
        return f"<p>{html.escape(self.total)}</p>" + table("", ("Lesson", "Predictions", "Exercises", "Read again"), rows)


def _paths(folder):
    """Return the lessons in order, then the side paths, without the copies that `make fresh` keeps."""
    side_paths = sorted((folder / SIDE_PATHS).glob("*.ipynb"))
    return [path for path in [*sorted(folder.glob("[0-9][0-9]-*.ipynb")), *side_paths] if "." not in path.stem]


def _lesson(path):
    """Return the Lesson of a notebook, with its stored results. An unreadable notebook has no predictions and no exercises."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        prose, code = (
            "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == kind) for kind in ("markdown", "code")
        )
    except (OSError, ValueError, KeyError, TypeError):
        prose = code = ""
    title = re.search(r"^# (.+)$", prose, re.MULTILINE)
    number = path.name[:2] if path.parent.name != SIDE_PATHS else path.stem
    return Lesson(
        title[1] if title else path.stem,
        len(re.findall(r"\bPrediction\(", code)),
        [note for note in progress_store.predictions() if note.get("lesson") == number and note.get("answer") is not None],
        sorted(set(re.findall(r"\bcheck\(\"(\d\d\.\d)\"", code))),
        {note["number"]: bool(note.get("passed")) for note in progress_store.exercises()},
    )
