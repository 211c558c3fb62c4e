"""The lessons of the course in order, their side paths, and the data in each one's first cell."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import nbformat

from clients.course import workspace

REPOSITORY = workspace.REPOSITORY
LESSONS = REPOSITORY / "notebooks"
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class Lesson(NamedTuple):
    """What the course knows about a lesson, all of it from the lesson's first cell."""

    path: Path
    number: str  # for a side path, the number of the lesson that it needs
    title: str
    question: str
    time: str

    @property
    def is_side_path(self):
        return self.path.parent.name == "deeper"

    @property
    def link(self):
        """The link to this lesson from a page in the lessons' folder."""
        if self.is_side_path:
            return f"[{self.title}](deeper/{self.path.name})"
        return f"[{self.number} · {self.title}]({self.path.name})"


class Unreadable(ValueError):
    """A lesson's first cell, or a line of the terms, does not have the form that the course needs."""


def lessons(folder=LESSONS):
    """Return all lessons in order, each followed by its side paths. Raise Unreadable."""
    course = [lesson(path) for path in workspace.paths(folder)]
    numbers = {one.number for one in core(course)}
    for one in course:
        if one.number not in numbers:
            raise Unreadable(f"deeper/{one.path.name} needs lesson {one.number}, and there is none")
    return sorted(course, key=lambda one: (one.number, one.is_side_path, one.path.name))


def core(course):
    """Return the lessons that everybody takes, without the side paths."""
    return [one for one in course if not one.is_side_path]


def side_paths(number, course):
    return [one for one in course if one.is_side_path and one.number == number]


def lesson(path):
    """Read a Lesson from its first cell. A side path has no number in its title; it belongs to the lesson that it needs."""
    text = next(cell.source for cell in prose(nbformat.read(path, as_version=4)))
    is_core = path.parent.name != "deeper"
    title = re.search(r"^# \d\d · (.+)$" if is_core else r"^# (.+)$", text, re.MULTILINE)
    number = re.search(r"^# (\d\d) · " if is_core else r"\*\*You need:\*\* lesson (\d\d)\b", text, re.MULTILINE)
    question = re.search(r"^\*\*The question:\*\* (.+)$", text, re.MULTILINE)
    time = re.search(r"^\*\*Time:\*\* ([^.;,]+)", text, re.MULTILINE)
    if None in (title, number, question, time) or is_core and number[1] != path.name[:2]:
        heading, needed = ("# NN · title", "") if is_core else ("# Title", ", and '**You need:** lesson NN'")
        raise Unreadable(f"{path.name}: its first cell needs '{heading}', '**The question:** ...', '**Time:** ...'{needed}")
    return Lesson(path, number[1], title[1], question[1], time[1])


def prose(notebook):
    """Return the markdown cells that are written by hand."""
    return [cell for cell in notebook.cells if cell.cell_type == "markdown" and not is_navigation(cell)]


def is_navigation(cell):
    return "navigation" in cell.metadata.get("tags", [])


def questions(notebook):
    """Return the questions of a lesson's predictions, in order."""
    found = (calls(cell.source) for cell in notebook.cells if cell.cell_type == "code" and not cell.source.startswith("%%"))
    return [call.args[0].value for several in found for call in several if ast.unparse(call.func) == "Prediction"]


def calls(source):
    """Return the calls in a cell; none in one that shows a syntax error, or is in another language."""
    try:
        tree = ast.parse(without_magic(source))
    except SyntaxError:
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def without_magic(source):
    return "\n".join(line for line in source.splitlines() if not line.startswith(("%", "!")))
