"""The course as a whole: its lessons in order, the way from each to the next, the map and the glossary.

Nothing of this is written by hand in a lesson: `python clients/course/pages.py` (and each `make store`) puts the line of
links into every lesson and writes map.ipynb, glossary.ipynb and teaching.ipynb anew; test_course.py says when one of them is
not up to date. What a person has to write is in terms.tsv and teaching.md beside this file.
"""

import ast
import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook

REPOSITORY = Path(__file__).resolve().parents[2]
LESSONS = REPOSITORY / "notebooks"
TERMS = Path(__file__).with_name("terms.tsv")
TEACHING = Path(__file__).with_name("teaching.md")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class Lesson(NamedTuple):
    """What the course knows of a lesson: all of it stands in the lesson's first cell."""

    path: Path
    number: str
    title: str
    question: str
    time: str

    @property
    def link(self):
        return f"[{self.number} · {self.title}]({self.path.name})"


class Term(NamedTuple):
    chinese: str
    english: str
    meaning: str


class Unreadable(ValueError):
    """A lesson's first cell, or a line of the terms, is not as the course needs it."""


def lessons(folder=LESSONS):
    """All lessons, in order. Raises Unreadable."""
    return [lesson(path) for path in sorted(folder.glob("[0-9][0-9]-*.ipynb"))]


def lesson(path):
    text = next(cell.source for cell in prose(nbformat.read(path, as_version=4)))
    found = [
        re.search(pattern, text, re.MULTILINE)
        for pattern in (r"^# (\d\d) · (.+)$", r"^\*\*The question:\*\* (.+)$", r"^\*\*Time:\*\* ([^.;,]+)")
    ]
    if None in found or found[0][1] != path.name[:2]:
        raise Unreadable(f"{path.name}: its first cell needs '# NN · title', '**The question:** ...' and '**Time:** ...'")
    heading, question, time = found
    return Lesson(path, heading[1], heading[2], question[1], time[1])


def prose(notebook):
    """The markdown cells that somebody wrote."""
    return [cell for cell in notebook.cells if cell.cell_type == "markdown" and not is_navigation(cell)]


def is_navigation(cell):
    return "navigation" in cell.metadata.get("tags", [])


# ---------------------------------------------------------------- the way through


def navigation(one, course):
    """The line of links above and below a lesson."""
    place = [other.number for other in course].index(one.number)
    before, after = course[max(0, place - 1) : place], course[place + 1 : place + 2]
    steps = [f"← {other.link}" for other in before] + ["[Map](map.ipynb)", "[Glossary 术语表](glossary.ipynb)"]
    return " | ".join(steps + [f"{other.link} →" for other in after])


def dress(notebook, one, course):
    """Put the line of links above and below, in place of what stood there."""
    cells = [cell for cell in notebook.cells if not is_navigation(cell)]
    ends = []
    for place in "above", "below":
        cell = new_markdown_cell(navigation(one, course), metadata={"tags": ["navigation"]})
        cell.id = f"navigation-{place}"
        ends.append(cell)
    notebook.cells = [ends[0], *cells, ends[1]]
    return notebook


# ---------------------------------------------------------------- the map and the glossary


def page(*texts):
    cells = [new_markdown_cell(text) for text in texts]
    for number, cell in enumerate(cells):
        cell.id = f"page-{number}"
    return new_notebook(cells=cells, metadata=KERNEL)


def course_map(course):
    """map.ipynb: every lesson with its question and its time."""
    rows = [f"| {one.link} | {one.question} | {one.time} |" for one in course]
    head = ["# The map of the course", "", "| lesson | the question | time |", "|---|---|---|"]
    last = "Words that a lesson prints in bold with their Chinese counterpart are in the [glossary 术语表](glossary.ipynb)."
    return page("\n".join(head + rows), last)


def glossary(course):
    """glossary.ipynb: every term, with the lesson that introduces it. Raises Unreadable for one that no lesson has."""
    rows = []
    first = first_uses(course)
    for term in sorted(terms(), key=lambda term: term.english.lower()):
        if term.chinese not in first:
            raise Unreadable(f"{TERMS.name}: no lesson has the term {term.chinese} ({term.english})")
        rows.append(f"| {term.english} | {term.chinese} | {term.meaning} | {first[term.chinese].link} |")
    head = ["# Glossary 术语表", "", "| English | 中文 | in short | first in |", "|---|---|---|---|"]
    return page("\n".join(head + rows), "Back to the [map](map.ipynb).")


def terms():
    """The terms of terms.tsv, a line each: Chinese, English, meaning."""
    found = []
    for number, line in enumerate(TERMS.read_text(encoding="utf-8").splitlines(), 1):
        fields = line.split("\t")
        if len(fields) != 3 or not all(map(str.strip, fields)):
            raise Unreadable(f"{TERMS.name}, line {number}: a term is Chinese, English and meaning, with a tab between each")
        found.append(Term(*map(str.strip, fields)))
    return found


def first_uses(course):
    """Chinese term -> the lesson whose text has it first."""
    first = {}
    for one in course:
        text = "\n".join(cell.source for cell in prose(nbformat.read(one.path, as_version=4)))
        for chinese in CHINESE.findall(text):
            first.setdefault(chinese, one)
    return first


# ---------------------------------------------------------------- for teachers


def teaching(course):
    """teaching.ipynb: how to teach with the lessons, and for each of them its time, what to ask, and what goes wrong."""
    general, *notes = re.split(r"^## (?=\d\d$)", TEACHING.read_text(encoding="utf-8"), flags=re.MULTILINE)
    by_number = {number: text.strip() for number, _, text in (note.partition("\n") for note in notes)}
    if list(by_number) != [one.number for one in course]:
        raise Unreadable(f"{TEACHING.name} needs a section '## NN' for each lesson, in order; it has {', '.join(by_number)}")
    return page(general.strip(), *(teaching_of(one, by_number[one.number]) for one in course))


def teaching_of(one, notes):
    asked = "\n".join(f"{number}. {question}" for number, question in enumerate(questions(one.path), 1))
    return f"## {one.link}\n\n**Time:** {one.time}\n\n{notes}\n\n**Ask before the run**, hands up or on paper:\n\n{asked}"


def questions(path):
    """The questions of a lesson's predictions, in order."""
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and "Prediction(" in cell.source and not cell.source.startswith("%%"):
            calls = [node for node in ast.walk(ast.parse(without_magic(cell.source))) if isinstance(node, ast.Call)]
            found += [call.args[0].value for call in calls if getattr(call.func, "id", "") == "Prediction"]
    return found


def without_magic(source):
    return "\n".join(line for line in source.splitlines() if not line.startswith(("%", "!")))


# ---------------------------------------------------------------- all of it


def written(folder=LESSONS):
    """(path, notebook as it should be) of the map, the glossary, the page for teachers, and every lesson with its links."""
    course = lessons(folder)
    yield folder / "map.ipynb", course_map(course)
    yield folder / "glossary.ipynb", glossary(course)
    yield folder / "teaching.ipynb", teaching(course)
    for one in course:
        yield one.path, dress(nbformat.read(one.path, as_version=4), one, course)


def as_text(notebook):
    return nbformat.writes(notebook) + "\n"


def main():
    try:
        for path, notebook in list(written()):
            if not path.exists() or path.read_text(encoding="utf-8") != as_text(notebook):
                path.write_text(as_text(notebook), encoding="utf-8")
                print(f"{path.name} brought up to date")
    except Unreadable as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
