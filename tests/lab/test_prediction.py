"""Predictions: choices, numbers and orders; how a learner's copy saves them, and the summary at the end of a lesson."""

import json

import pytest

from clients.course.workspace import copy_lessons
from clients.lab import Prediction, summary
from clients.lab.learning import prediction, progress_store

FIXED = "You made no predictions in lesson 03. A prediction that turns out wrong is what you remember best."


@pytest.fixture
def restart(monkeypatch):
    """Return a function that simulates a new kernel running lesson 03: the memory of the old kernel is gone."""

    def begin(notebook="work/03-threads-and-processes.ipynb"):
        monkeypatch.setenv("JPY_SESSION_NAME", notebook)
        prediction.asked_here.clear()

    begin()
    return begin


@pytest.fixture
def work(tmp_path, monkeypatch, restart):
    """Create a learner's copy, and run the kernel in it."""
    (tmp_path / "notebooks").mkdir()
    copy_lessons(tmp_path / "notebooks", tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch, restart):
    """Run the kernel in a folder that is not a learner's copy, like notebooks/."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_order_is_right_or_not_as_a_whole(elsewhere):
    first = Prediction("Who is answered first?", ["Ann", "Ben", "Cem"], order=True)
    assert first.answer is None and repr(first).endswith("(no answer yet)")
    places = first._field.places
    places[0].value, places[1].value, places[2].value = "Ben", "Ben", "Ann"
    assert first.answer is None and "Each of them goes in one place only." in first._said.value
    places[1].value = "Cem"
    assert first.answer == ("Ben", "Cem", "Ann") and "You say: Ben, then Cem, then Ann." in first._said.value
    assert first.outcome(["Ben", "Cem", "Ann"]).verdict == "right"
    wrong = first.outcome(["Ann", "Ben", "Cem"], because={("Ben", "Cem", "Ann"): "The queue is first in, first out."})
    assert repr(wrong).splitlines() == [
        "You said: Ben, then Cem, then Ann",
        "The run:  Ann, then Ben, then Cem",
        "          Not this time. The queue is first in, first out.",
    ]
    first.answer = ["Ann", "Ben", "Cem"]
    assert first.answer == ("Ann", "Ben", "Cem")
    for bad in ["Ann", "Ben"], ["Ann", "Ann", "Ben"]:
        with pytest.raises(ValueError, match="not an order of the choices"):
            first.answer = bad
    with pytest.raises(ValueError, match="needs the choices"):
        Prediction("In which order?", order=True)


def test_a_reason_stands_beside_the_answer(elsewhere):
    who = Prediction("Who?", ["Ann", "Ben"])
    who.answer, who.reason = "Ann", " she came first "
    assert repr(who.outcome("Ben", because="The last one asks first.")).splitlines() == [
        "You said: Ann, because she came first",
        "The run:  Ben",
        "          Not this time. The last one asks first.",
    ]


def answered():
    """Return three predictions: one answered right, one wrong, one left open."""
    who, many, last = Prediction("Who?", ["Ann", "Ben"]), Prediction("How many?"), Prediction("And last?", ["a", "b"], order=True)
    who.answer, who.reason = "Ann", "she came first"
    many.answer = 3
    who.outcome("Ann")
    many.outcome(4, because={3: "The parent counts, too."})
    last.outcome(["a", "b"])
    return who, many, last


def test_what_was_predicted_survives_a_restart_of_the_kernel(work, restart):
    answered()
    told = repr(summary("03"))
    assert told.splitlines() == [
        "Your predictions in lesson 03: 1 of 2 right.",
        "",
        "Who?",
        "  You said: Ann, because she came first",
        "  The run:  Ann",
        "  Right.",
        "",
        "How many?",
        "  You said: 3",
        "  The run:  4",
        "  Not this time. The parent counts, too.",
    ]
    restart()
    assert repr(summary("03")) == told  # before any cell is run again
    who = Prediction("Who?", ["Ann", "Ben"])
    assert (who.answer, who.reason) == ("Ann", "she came first") and "You said before: Ann." in who._said.value
    assert Prediction("And last?", ["a", "b"], order=True).answer is None
    who.answer = "Ben"
    assert "You have not seen what the run shows" in repr(summary("03")), "what came of another answer is not this one's outcome"
    restart("04-io.ipynb")
    assert Prediction("Who?", ["Ann", "Ben"]).answer is None, "another lesson's question"
    assert "no predictions" in repr(summary("04")) and "Who?" in repr(summary("03"))


@pytest.mark.parametrize("restarts", [1, 2])
def test_a_better_reason_after_a_restart_does_not_undo_what_the_run_showed(work, restart, restarts):
    *_, last = answered()
    last.answer = ["b", "a"]
    last.outcome(["a", "b"], because="The queue is first in, first out.")
    told = repr(summary("03"))
    for _ in range(restarts):
        restart()
        who, last = Prediction("Who?", ["Ann", "Ben"]), Prediction("And last?", ["a", "b"], order=True)
        who.reason, last.reason = "hers was the first packet", "a stack"
    after = told.replace("she came first", "hers was the first packet").replace("b, then a", "b, then a, because a stack")
    assert "1 of 3 right" in after and repr(summary("03")) == after, "and each in its old place"
    last.answer = ["a", "b"]
    assert "You have not seen what the run shows" in repr(summary("03")), "what came of another answer is not this one's outcome"


def test_an_answer_that_no_longer_fits_its_question_is_not_given(work, restart):
    answered()
    restart()
    assert Prediction("Who?", ["Cem", "Dora"]).answer is None
    assert Prediction("How many?", ["3", "4"]).answer is None


def test_outside_a_learners_copy_nothing_is_read_or_kept(elsewhere, restart):
    answered()
    assert "1 of 2 right" in repr(summary("03"))
    assert list(elsewhere.iterdir()) == []
    restart()
    assert Prediction("Who?", ["Ann", "Ben"]).answer is None
    assert repr(summary("03")) == FIXED


def test_without_an_answer_the_summary_is_always_the_same(work):
    Prediction("Who?", ["Ann", "Ben"]).outcome("Ann")
    assert repr(summary("03")) == FIXED and FIXED in summary("03")._repr_html_()
    assert json.loads((work / progress_store.FILE).read_text())["predictions"] == []


def test_a_file_that_cannot_be_read_or_written_harms_nothing(work, restart):
    (work / progress_store.FILE).write_text("{ half")
    who, *_ = answered()
    assert "1 of 2 right" in repr(summary("03"))
    (work / progress_store.FILE).unlink()
    (work / progress_store.FILE).mkdir()
    who.answer = "Ben"
    assert "It could not be saved" in who._said.value and who.answer == "Ben"


def test_another_copy_of_the_lessons_keeps_what_was_kept(work):
    answered()
    before = (work / progress_store.FILE).read_text()
    copy_lessons(work.parent / "notebooks", work)
    assert (work / progress_store.FILE).read_text() == before


def test_the_summary_as_a_table_shows_what_was_typed_as_text(work):
    who = Prediction("Is 1 < 2?", ["yes", "no"])
    who.answer, who.reason = "no", "<b>"
    page = summary("03")._repr_html_()
    assert "Is 1 &lt; 2?" in page and "no, because &lt;b&gt;" in page and "not seen yet" in page


# ---------------------------------------------------------------- the order of the choices

LETTERS = list("abcdefgh")


def shown(question="Which?", choices=LETTERS):
    return list(Prediction(question, choices)._field.widget.options)


def test_each_learner_has_an_order_of_the_choices_of_their_own_and_it_stays(work, restart):
    first = shown()
    assert sorted(first) == LETTERS
    restart()
    assert shown() == first
    assert len({tuple(shown(f"Question {number}?")) for number in range(20)}) > 10, "each question has its own order"
    for _ in range(20):
        (work / progress_store.FILE).unlink()
        progress_store.make(work)
        if shown() != first:
            break
    else:
        pytest.fail("twenty learners were all shown the same order")


def test_an_order_says_nothing_about_the_answer(work):
    which = Prediction("Which?", LETTERS)
    which.answer = "c"
    assert which.choices == tuple(LETTERS) and repr(which) == "Prediction: Which? (c)"
    assert which.outcome("c").verdict == "right"
    ranking = Prediction("In which order?", LETTERS, order=True)
    ranking.answer = LETTERS
    assert ranking.outcome(LETTERS).verdict == "right"


def test_numbers_keep_their_order(work):
    assert all(shown(f"{number}?", [1, 2, 20]) == [1, 2, 20] for number in range(20))


def test_outside_a_learners_copy_the_choices_stand_as_the_lesson_has_them(elsewhere):
    assert shown() == LETTERS
