"""The course holds together: map, glossary and links are up to date, and no text points at what is not there."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest

from clients.course import pages

REPOSITORY = Path(__file__).resolve().parents[2]

LESSONS = pages.lessons()
PAGES = sorted(pages.LESSONS.glob("*.ipynb"))
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)\s#]+)")
NO_TERMS = {"你好", "中", "联想", "浪潮"}  # example texts, and the names of firms


def text_of(path):
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def stale(folder=pages.LESSONS):
    return [
        path.name for path, notebook in pages.written(folder) if path.read_text(encoding="utf-8") != pages.as_text(notebook)
    ]


def test_links_map_and_glossary_are_up_to_date():
    assert stale() == [], "run: .venv/bin/python clients/course/pages.py"


def test_every_lesson_is_there():
    assert [one.number for one in LESSONS] == [f"{number:02}" for number in range(14) if number not in (5, 10)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_link_leads_somewhere(path):
    assert [target for target in LINK.findall(text_of(path)) if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", [*PAGES, REPOSITORY / "README.md"], ids=lambda path: path.stem)
def test_nothing_is_to_come(path):
    text = text_of(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    assert re.findall(r"[(,] ?to come\)", text) == []


def test_every_chinese_term_is_in_the_glossary():
    known = {chinese for term in pages.terms() for chinese in pages.CHINESE.findall(term.chinese)}
    missing = {chinese: one.number for chinese, one in pages.first_uses(LESSONS).items() if chinese not in known | NO_TERMS}
    assert missing == {}, "add these to clients/course/terms.tsv"


def test_the_readme_lists_every_lesson():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\d\d) \| \[([^\]]+)\]\(notebooks/([^)]+)\) \|", readme, re.MULTILINE)
    assert listed == [(one.number, one.title, one.path.name) for one in LESSONS]


def test_a_change_of_a_title_a_new_lesson_and_a_lost_one_are_noticed(tmp_path):
    for path in PAGES:
        shutil.copy(path, tmp_path)
    assert stale(tmp_path) == []
    first, second = (tmp_path / one.path.name for one in LESSONS[:2])
    original = first.read_text(encoding="utf-8")
    first.write_text(original.replace("# 00 · What", "# 00 · Whatever", 1), encoding="utf-8")
    assert {"map.ipynb", second.name} <= set(stale(tmp_path))
    first.write_text(original, encoding="utf-8")
    second.unlink()
    with pytest.raises(pages.Unreadable, match="no lesson has the term"):
        stale(tmp_path)
