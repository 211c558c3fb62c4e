"""progress(): a learner's predictions and exercises in all lessons of their copy."""

import asyncio
import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from clients.course.workspace import copy_lessons
from clients.lab import Prediction, check, progress
from clients.lab.learning import exercises, prediction, progress_store

LESSONS = {
    "01-loop.ipynb": (
        "# 01 · The loop",
        'Prediction("Who?", ["Ann", "Ben"])\nPrediction("How many?")',
        'await check("01.1", shout)\nawait check("01.2", loop)',
    ),
    "02-fork.ipynb": ("# 02 · fork()", "1 + 1"),
    "deeper/locks.ipynb": ("# Locks", 'Prediction("Which lock?", ["a", "b"])'),
}


@pytest.fixture
def work(tmp_path, monkeypatch):
    """Create a learner's copy of three lessons, with the kernel running lesson 01."""
    for name, (heading, *code) in LESSONS.items():
        cells = [{"cell_type": "markdown", "metadata": {}, "source": heading}]
        cells += [{"cell_type": "code", "metadata": {}, "source": source, "outputs": []} for source in code]
        path = tmp_path / "notebooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"cells": cells, "metadata": {}}))
    copy_lessons(tmp_path / "notebooks", tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    run(monkeypatch, "01-loop.ipynb")
    return tmp_path / "work"


def run(monkeypatch, notebook):
    """Simulate a new kernel that runs this notebook."""
    monkeypatch.setenv("JPY_SESSION_NAME", notebook)
    prediction.asked_here.clear()


def check_exercise(monkeypatch, number, *met):
    """Check an exercise with one requirement for each value in `met`."""

    def requirement(is_met):
        async def required(attempt):
            """Is as it should be."""
            if not is_met:
                raise exercises.NotMet("it is not")

        return required

    exercise = exercises.Exercise("An exercise", [requirement(is_met) for is_met in met], [])
    monkeypatch.setattr(exercises, "find", lambda number: exercise)
    return asyncio.run(check(number, None))


def test_at_first_nothing_is_done(work):
    assert repr(progress()).splitlines() == [
        "Predictions: 0 of 3 made, 0 right. Exercises: 0 of 2 passed.",
        "01 · The loop: predictions 0 of 2 made, 0 right; exercises 0 of 2 passed.",
        "02 · fork(): predictions none; exercises none.",
        "Locks: predictions 0 of 1 made, 0 right; exercises none.",
    ]


def test_it_tells_what_was_made_and_passed_and_what_to_read_again(work, monkeypatch):
    who, many = Prediction("Who?", ["Ann", "Ben"]), Prediction("How many?")
    who.answer, many.answer = "Ann", 3
    who.outcome("Ben")
    many.outcome(3)
    check_exercise(monkeypatch, "01.1", True, True)
    check_exercise(monkeypatch, "01.2", True, False)
    monkeypatch.chdir(work / "deeper")
    run(monkeypatch, "deeper/locks.ipynb")
    which = Prediction("Which lock?", ["a", "b"])
    which.answer = "a"
    which.outcome("a")
    assert not (work / "deeper" / progress_store.FILE).exists()
    told = [
        "Predictions: 3 of 3 made, 2 right. Exercises: 1 of 2 passed.",
        "01 · The loop: predictions 2 of 2 made, 1 right; exercises 1 of 2 passed.",
        "    Read again: Who?",
        "    Read again: exercise 01.2",
        "02 · fork(): predictions none; exercises none.",
        "Locks: predictions 1 of 1 made, 1 right; exercises none.",
    ]
    assert repr(progress()).splitlines() == told
    monkeypatch.chdir(work)
    assert repr(progress()).splitlines() == told
    page = progress()._repr_html_()
    assert "<table" in page and "01 · The loop" in page and "Who?\nexercise 01.2" in page


def test_what_was_passed_once_stays_passed(work, monkeypatch):
    for met in False, True, False:
        report = check_exercise(monkeypatch, "01.1", met)
        assert report.passed == met
    assert progress_store.exercises() == [{"number": "01.1", "passed": True}]


def test_lessons_that_run_at_once_lose_nothing_of_each_other(work):
    program = (
        "import sys\nfrom clients.lab.learning import progress_store\n"
        "for number in range(40): progress_store.keep_exercise(f'{sys.argv[1]}.{number}', True)"
    )
    kernels = [subprocess.Popen([sys.executable, "-c", program, name]) for name in ("a", "b", "c")]
    assert [kernel.wait() for kernel in kernels] == [0, 0, 0]
    assert len(progress_store.exercises()) == 120


def test_a_copy_that_make_fresh_keeps_counts_once(work):
    (work / "01-loop.kept-1.ipynb").write_text((work / "01-loop.ipynb").read_text())
    assert repr(progress()).count("The loop") == 1


def test_a_lesson_that_cannot_be_read_is_named_and_asks_nothing(work):
    (work / "01-loop.ipynb").write_text("{ half")
    assert "01-loop: predictions none; exercises none." in repr(progress())


def test_a_check_that_cannot_be_kept_is_a_check(work, monkeypatch):
    (work / progress_store.FILE).unlink()
    (work / progress_store.FILE).mkdir()
    report = check_exercise(monkeypatch, "01.1", True)
    assert report.passed and "Your progress could not be saved" in repr(report)


def test_outside_a_learners_copy_it_is_always_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report = check_exercise(monkeypatch, "01.1", True)
    assert repr(progress()) == (
        "Your progress is kept in your own copy of the lessons, which `make lab` opens. This is not that copy."
    )
    assert "make lab" in progress()._repr_html_() and report.passed and list(tmp_path.iterdir()) == []


def test_vs_code_tells_the_lesson_in_a_variable(monkeypatch):
    """VS Code makes up a session name that does not contain the lesson's."""
    shell = SimpleNamespace(user_ns={"__vsc_ipynb_file__": r"C:\course\work\03-threads-and-processes.ipynb"})
    monkeypatch.setattr(progress_store, "get_ipython", lambda: shell)
    monkeypatch.setenv("JPY_SESSION_NAME", "/tmp/jvsc-1f0c.ipynb")
    assert progress_store.lesson_of_this_kernel() == "03"
    shell.user_ns.clear()
    assert progress_store.lesson_of_this_kernel() == "jvsc-1f0c"
