"""The pages and links that are generated: navigation between lessons, the map, the glossary and the page for teachers.

`python -m clients.course.map_and_glossary` (like each `make store`) puts the navigation into every lesson and rewrites
map.ipynb, glossary.ipynb and teaching.ipynb; tests/course/test_map_and_glossary.py fails when one of them is out of date.
The parts written by hand are terms.tsv and teaching.md beside this file.
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook

from clients.course.curriculum import KERNEL, LESSONS, Unreadable, core, is_navigation, lessons, prose, questions, side_paths

TERMS = Path(__file__).with_name("terms.tsv")
TEACHING = Path(__file__).with_name("teaching.md")
CHINESE = re.compile(r"(?:TIME_WAIT )?[\u4e00-\u9fff]+")  # with its prefix: 状态 alone means the state that a server remembers


class Term(NamedTuple):
    chinese: str
    english: str
    meaning: str


# ---------------------------------------------------------------- navigation


def navigation(one, course):
    """Return the links to put above a lesson and those below it, the latter with its side paths."""
    pages = ["[Map](map.ipynb)", "[Glossary 术语表](glossary.ipynb)"]
    if one.is_side_path:
        back = next(other for other in core(course) if other.number == one.number)
        line = " | ".join([f"← {back.link}", *pages]).replace("](", "](../")
        return line, line
    deeper = " | ".join(other.link for other in side_paths(one.number, course))
    course = core(course)
    place = [other.number for other in course].index(one.number)
    before, after = course[max(0, place - 1) : place], course[place + 1 : place + 2]
    line = " | ".join([f"← {other.link}" for other in before] + pages + [f"{other.link} →" for other in after])
    return line, f"Deeper: {deeper}\n\n{line}" if deeper else line


def dress(notebook, one, course):
    """Put the navigation above and below a lesson, in place of the old one."""
    cells = [cell for cell in notebook.cells if not is_navigation(cell)]
    ends = []
    for place, links in zip(("above", "below"), navigation(one, course), strict=True):
        cell = new_markdown_cell(links, metadata={"tags": ["navigation"]})
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
    """Return map.ipynb: every lesson with its question and its time, followed by its side paths."""
    rows = [f"| {'↳ ' if one.is_side_path else ''}{one.link} | {one.question} | {one.time} |" for one in course]
    head = ["# The map of the course", "", "| lesson | the question | time |", "|---|---|---|"]
    side = "The arrow ↳ marks a side path: optional, and in any order once you have done the lesson above it.\n\n"
    words = "Words that a lesson prints in bold with their Chinese counterpart are in the [glossary 术语表](glossary.ipynb)."
    words += "\n\n**Four class hours:** 01 (the loop), 02 (fork), 06 (socketserver) and 07 (mixins) are the main line, one hour each."
    return page("\n".join(head + rows), side + words if course != core(course) else words)


def glossary(course):
    """Return glossary.ipynb: every term, with the lesson that introduces it. Raise Unreadable for a term that no lesson uses."""
    rows = []
    first = first_uses(course)
    for term in sorted(terms(), key=lambda term: term.english.lower()):
        words = CHINESE.findall(term.chinese)  # such as 全连接队列 and 队列 in 全连接队列（accept 队列）
        if not all(word in first for word in words):
            raise Unreadable(f"{TERMS.name}: no lesson has the term {term.chinese} ({term.english})")
        rows.append(f"| {term.english} | {term.chinese} | {term.meaning} | {first[words[0]].link} |")
    head = ["# Glossary 术语表", "", "| English | 中文 | in short | first in |", "|---|---|---|---|"]
    return page("\n".join(head + rows), "Back to the [map](map.ipynb).")


def terms():
    """Return the terms of terms.tsv, one per line: Chinese, English, meaning."""
    found = []
    for number, line in enumerate(TERMS.read_text(encoding="utf-8").splitlines(), 1):
        fields = line.split("\t")
        if len(fields) != 3 or not all(map(str.strip, fields)):
            raise Unreadable(f"{TERMS.name}, line {number}: a term is Chinese, English and meaning, with a tab between each")
        found.append(Term(*map(str.strip, fields)))
    return found


def first_uses(course):
    """Return {Chinese word: the first lesson whose text has it}."""
    first = {}
    for one in course:
        text = "\n".join(cell.source for cell in prose(nbformat.read(one.path, as_version=4)))
        for chinese in CHINESE.findall(text):
            first.setdefault(chinese, one)
    return first


# ---------------------------------------------------------------- for teachers


def teaching(course):
    """Return teaching.ipynb: how to teach with the lessons, and for each one its time, what to ask, and what goes wrong."""
    general, *notes = re.split(r"^## (?=\d\d$)", TEACHING.read_text(encoding="utf-8"), flags=re.MULTILINE)
    by_number = {number: text.strip() for number, _, text in (note.partition("\n") for note in notes)}
    if list(by_number) != [one.number for one in core(course)]:
        raise Unreadable(f"{TEACHING.name} needs a section '## NN' for each lesson, in order; it has {', '.join(by_number)}")
    return page(general.strip(), *(teaching_of(one, by_number[one.number], course) for one in core(course)))


def teaching_of(one, notes, course):
    asked = "\n".join(
        f"{number}. {question}" for number, question in enumerate(questions(nbformat.read(one.path, as_version=4)), 1)
    )
    deeper = "\n".join(f"- {other.link} ({other.time}): {other.question}" for other in side_paths(one.number, course))
    text = f"## {one.link}\n\n**Time:** {one.time}\n\n{notes}\n\n**Ask before the run**, by show of hands or on paper:\n\n{asked}"
    return f"{text}\n\n**Deeper**, for those who finish early:\n\n{deeper}" if deeper else text


# ---------------------------------------------------------------- all of it


def written(folder=LESSONS):
    """Yield (path, notebook as it should be) for the map, the glossary, the page for teachers, and every lesson with its links."""
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
