"""The chat's examination: each of the lesson's three chats passes it, and one that fails is told what to read again."""

from pathlib import Path

import nbformat
import pytest

from clients.examiner.chat import examine_chat
from servers import launch

HERE = Path(__file__).parent
CHATS = sorted((HERE / "solutions").glob("chat_*.py"))


@pytest.mark.parametrize("path", CHATS, ids=lambda path: path.stem)
def test_a_chat_on_each_of_three_models_passes(path):
    with launch(path) as server:
        report = examine_chat(server)
        assert report.passed and report.grade == 100, report


def test_lesson_12_shows_these_chats():
    lesson = nbformat.read(HERE.parents[1] / "notebooks" / "12-chat.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in lesson.cells)
    assert len(CHATS) == 3
    for path in CHATS:
        assert path.read_text(encoding="utf-8").strip() in text


def test_the_chats_agree_on_the_protocol():
    """What knows no socket is the same text in all of them, so that a line has one answer, whatever the model."""
    texts = [path.read_text(encoding="utf-8").partition("# What follows is the protocol.")[2] for path in CHATS]
    parts = {text[: text.index("def valid(name):")] for text in texts}
    assert len(parts) == 1 and "def carry_out(member, line):" in parts.pop()


def test_a_chat_that_fails_is_told_what_to_read_again():
    with launch(HERE / "examined" / "right" / "threads-and-readlines.py") as server:
        report = examine_chat(server)
        assert report.failed == ["answers"] and report.grade == 0
        assert report.read_again == ["00", "12"] and "17 more, until the first is met" in repr(report)
