"""The course is consistent: map, glossary and links are up to date, and no text refers to something missing."""

import re
import shutil

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from support import REPOSITORY

from clients.course import curriculum, map_and_glossary

LESSONS = curriculum.lessons()
PAGES = sorted([*curriculum.LESSONS.glob("*.ipynb"), *curriculum.LESSONS.glob("deeper/*.ipynb")])
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)\s#]+)")
NO_TERMS = {"你好", "中", "联想", "浪潮", "原文", "邮箱服务器"}  # example texts, names of firms, and a word of the source


def text_of(path):
    return text_in(nbformat.read(path, as_version=4))


def text_in(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def stale(folder=curriculum.LESSONS):
    made = ((path, map_and_glossary.as_text(notebook)) for path, notebook in map_and_glossary.written(folder))
    return [path.name for path, text in made if path.read_text(encoding="utf-8") != text]


def test_links_map_and_glossary_are_up_to_date():
    assert stale() == [], "run: .venv/bin/python -m clients.course.map_and_glossary"


def test_every_lesson_is_there():
    assert [one.number for one in curriculum.core(LESSONS)] == [f"{number:02}" for number in range(14)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_link_leads_somewhere(path):
    assert [target for target in LINK.findall(text_of(path)) if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", [*PAGES, REPOSITORY / "README.md"], ids=lambda path: path.stem)
def test_nothing_is_to_come(path):
    text = text_of(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    assert re.findall(r"[(,] ?to come\)", text) == []


def test_every_chinese_term_is_in_the_glossary():
    known = {chinese for term in map_and_glossary.terms() for chinese in map_and_glossary.CHINESE.findall(term.chinese)}
    first = map_and_glossary.first_uses(LESSONS)
    missing = {chinese: one.number for chinese, one in first.items() if chinese not in known | NO_TERMS}
    assert missing == {}, "add these to clients/course/terms.tsv"
    assert first["状态"].number == "11", "the TIME_WAIT 状态 of an earlier page is another term"


def test_the_readme_lists_every_lesson():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\d\d) \| \[([^\]]+)\]\(notebooks/([^)]+)\) \|", readme, re.MULTILINE)
    assert listed == [(one.number, one.title, one.path.name) for one in curriculum.core(LESSONS)]


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a copy of the lessons."""
    return shutil.copytree(curriculum.LESSONS, tmp_path / "notebooks", ignore=shutil.ignore_patterns("images"))


def test_a_change_of_a_title_a_new_lesson_and_a_lost_one_are_noticed(folder):
    assert stale(folder) == []
    first, second = (folder / one.path.name for one in curriculum.core(LESSONS)[:2])
    original = first.read_text(encoding="utf-8")
    first.write_text(original.replace("# 00 · What", "# 00 · Whatever", 1), encoding="utf-8")
    assert {"map.ipynb", second.name} <= set(stale(folder))
    first.write_text(original, encoding="utf-8")
    second.unlink()
    with pytest.raises(curriculum.Unreadable, match="no lesson has the term|needs lesson 01, and there is none"):
        stale(folder)


SIDE_PATH = "# Ports\n\n**The question:** whose is a port?\n\n**Time:** 20 minutes. **You need:** lesson 02."


def test_a_side_path_is_on_the_map_below_its_lesson_and_linked_both_ways(folder):
    write_side_path(folder, SIDE_PATH)
    written = {path.relative_to(folder).as_posix(): text_in(notebook) for path, notebook in map_and_glossary.written(folder)}
    map_lines = written["map.ipynb"].splitlines()
    assert "| ↳ [Ports](deeper/ports.ipynb) | whose is a port? | 20 minutes |" in map_lines
    place = map_lines.index("| ↳ [Ports](deeper/ports.ipynb) | whose is a port? | 20 minutes |")
    assert any(line.startswith("| [02 ·") for line in map_lines[:place])
    assert map_lines[place + 1].startswith(("| ↳", "| [03 ·"))
    (lesson,) = folder.glob("02-*.ipynb")
    assert "[Ports](deeper/ports.ipynb)" in written[lesson.name].splitlines()[-3]
    first, *_, last = written["deeper/ports.ipynb"].splitlines()
    assert first == last and f"](../{lesson.name})" in first and "](../map.ipynb)" in first
    assert "- [Ports](deeper/ports.ipynb) (20 minutes): whose is a port?" in written["teaching.ipynb"]


@pytest.mark.parametrize(
    "text, problem",
    [
        (SIDE_PATH.replace("lesson 02", "nothing"), "ports.ipynb: its first cell needs .*You need"),
        (SIDE_PATH.replace("lesson 02", "lesson 77"), "deeper/ports.ipynb needs lesson 77"),
    ],
)
def test_a_side_path_of_no_lesson_is_named(folder, text, problem):
    write_side_path(folder, text)
    with pytest.raises(curriculum.Unreadable, match=problem):
        curriculum.lessons(folder)


def write_side_path(folder, text):
    (folder / "deeper").mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[new_markdown_cell(text)]), folder / "deeper" / "ports.ipynb")
