"""The exercises as nbgrader assignments: what learners get, and, if nbgrader is installed, the grades of their submissions.

In the environment that `make assignments` makes: .venv-classroom/bin/python -m pytest tests/course/test_assignments.py
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from clients.course.assignments import CONFIG, assignment, write_assignments
from clients.course.workspace import paths
from clients.lab.learning.exercises import find

HERE = Path(__file__).parent
LESSONS = HERE.parents[1] / "notebooks"
WRONG_ANSWERS = HERE.parent / "lab" / "wrong_answers"
SOLVED = re.compile(r"<details><summary>Solution of (\d\d\.\d)</summary>(.*?)</details>", re.DOTALL)
CODE = re.compile(r"```python\n(.*?)\n```", re.DOTALL)

NAMED = "01-loop-model"
NEEDS_NBGRADER = pytest.mark.skipif(
    importlib.util.find_spec("nbgrader") is None,
    reason="nbgrader is not installed here; `make assignments` makes an environment that has it",
)


class Lesson:
    """A lesson with exercises, and the assignment made from it."""

    def __init__(self, path):
        self.notebook = nbformat.read(path, as_version=4)
        self.solutions = {
            number: CODE.findall(text) for cell in self.notebook.cells for number, text in SOLVED.findall(cell.source)
        }
        self.assignment = assignment(self.notebook)


EXERCISED = {
    path.stem: Lesson(path) for path in paths() if path.parent == LESSONS or "check(" in path.read_text(encoding="utf-8")
}
each_lesson = pytest.mark.parametrize("lesson", EXERCISED.values(), ids=list(EXERCISED))


def marks(cell):
    return cell.metadata["nbgrader"]


def grade_id(cell):
    return marks(cell)["grade_id"]


def full_points(*numbers):
    return {f"check-{number.replace('.', '-')}": len(find(number).requirements) for number in numbers}


def answers(notebook):
    return [cell for cell in notebook.cells if marks(cell)["solution"]]


def without_solution(source):
    """Return what `nbgrader generate_assignment` makes of the cell."""
    return re.sub(r"### BEGIN SOLUTION\n.*?### END SOLUTION\n", "", source, flags=re.DOTALL)


@each_lesson
def test_an_assignment_has_all_exercises_of_its_lesson_and_a_point_for_each_requirement(lesson):
    made = lesson.assignment
    nbformat.validate(made)
    assert lesson.solutions
    assert [grade_id(cell) for cell in answers(made)] == [f"answer-{number.replace('.', '-')}" for number in lesson.solutions]
    points = {grade_id(cell): marks(cell)["points"] for cell in made.cells if marks(cell)["grade"]}
    assert points == full_points(*lesson.solutions)


@each_lesson
def test_the_metadata_are_what_nbgrader_wants(lesson):
    """Version 3 of its schema, with its rules for locked and graded cells."""
    cells = lesson.assignment.cells
    for cell in cells:
        assert set(marks(cell)) - {"points"} == {"grade", "grade_id", "locked", "solution", "task", "schema_version"}
        assert marks(cell)["grade"] == ("points" in marks(cell))
        assert marks(cell)["solution"] != marks(cell)["locked"]  # learners may change only the answers
        assert cell.cell_type == "code" or not marks(cell)["grade"]
    ids = [grade_id(cell) for cell in cells]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[\w-]+", one) for one in ids)


@each_lesson
def test_learners_get_the_skeleton_and_no_solution(lesson):
    made = lesson.assignment
    skeletons = [cell.source for cell in lesson.notebook.cells if cell.source.startswith("%%server ")]
    assert all(without_solution(cell.source) in skeletons for cell in answers(made))
    released = "\n".join(without_solution(cell.source) for cell in made.cells)
    assert "<details>" not in released and "Solution of" not in released
    for cell, codes in zip(answers(made), lesson.solutions.values(), strict=True):
        assert codes[0] in cell.source
        assert not [code for code in codes if code in released]


@each_lesson
def test_nothing_but_the_answers_is_missing_in_an_assignment(lesson):
    """The cells run without the lesson, and define what the lines with %%server mention; no picture is missing."""
    names = {}
    for cell in lesson.assignment.cells:
        assert "](images/" not in cell.source
        if grade_id(cell).startswith("exercise-"):
            assert not re.search(r"\b(above|below)\b", cell.source), "what stands there in the lesson is not here"
        if grade_id(cell).startswith(("imports", "before-")):
            exec(cell.source, names)
        if marks(cell)["solution"]:
            magic, _, code = cell.source.partition("\n")
            assert "{" not in magic.format_map(names)
            compile(code, magic, "exec")


def test_what_a_teacher_has_changed_is_kept(tmp_path):
    assert NAMED in write_assignments(LESSONS, tmp_path)[0]
    config, notebook = tmp_path / "nbgrader_config.py", tmp_path / "source" / NAMED / f"{NAMED}-exercises.ipynb"
    assert write_assignments(LESSONS, tmp_path) == ["no new assignment"]
    for file in config, notebook:
        file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    changed = config.read_text(encoding="utf-8"), notebook.read_text(encoding="utf-8")
    first, kept = write_assignments(LESSONS, tmp_path)
    assert first == "no new assignment" and notebook.name in kept
    assert changed == (config.read_text(encoding="utf-8"), notebook.read_text(encoding="utf-8"))


# ---------------------------------------------------------------- with nbgrader

WRONG = {"answer-01-1": "01.1-dies-with-its-client.py", "answer-01-2": "01.2-one-client-and-out.py"}


def nbgrader(course, *words):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # as in the activated environment: nbgrader looks for alembic
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words], cwd=course, env=os.environ | {"PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Return ({learner: {grade_id: points}}, folder) for a course of one lesson with four submissions."""
    from nbgrader.api import Gradebook

    course = tmp_path_factory.mktemp("course")
    lessons = tmp_path_factory.mktemp("lessons")
    shutil.copy(LESSONS / f"{NAMED}.ipynb", lessons)
    write_assignments(lessons, course)
    assert (course / "nbgrader_config.py").read_text(encoding="utf-8") == CONFIG
    nbgrader(course, "generate_assignment", NAMED)
    source = nbformat.read(course / "source" / NAMED / f"{NAMED}-exercises.ipynb", as_version=4)
    hand_in(course, "right", lambda cell: next(one.source for one in answers(source) if grade_id(one) == grade_id(cell)))
    hand_in(course, "wrong", lambda cell: f"{first_line(cell)}\n{(WRONG_ANSWERS / WRONG[grade_id(cell)]).read_text()}")
    hand_in(course, "untouched", lambda cell: cell.source)
    hand_in(course, "broken", lambda cell: f"{first_line(cell)}\nwhile True\n", checks=False)
    nbgrader(course, "autograde", NAMED)
    nbgrader(course, "generate_feedback", NAMED)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        points = {
            submission.student.id: {grade.name: grade.score for grade in submission.notebooks[0].grades}
            for submission in gradebook.assignment_submissions(NAMED)
        }
    return points, course


def hand_in(course, who, answer, checks=True):
    """Submit the learners' version with these answers; `checks=False`: without the cells that check them."""
    released = next((course / "release" / NAMED).glob("*.ipynb"))
    notebook = nbformat.read(released, as_version=4)
    for cell in answers(notebook):
        cell.source = answer(cell)
    notebook.cells = [cell for cell in notebook.cells if checks or not marks(cell)["grade"]]
    folder = course / "submitted" / who / NAMED
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / released.name)


def first_line(cell):
    return cell.source.splitlines()[0]


@NEEDS_NBGRADER
def test_nbgrader_gives_a_right_answer_all_points_and_a_wrong_one_those_of_its_requirements(graded):
    points, _ = graded
    full = full_points("01.1", "01.2")
    assert points["right"] == full
    for check, most in full.items():
        assert points["wrong"][check] < most and points["untouched"][check] == 0
    assert sum(points["wrong"].values()) > 0


@NEEDS_NBGRADER
def test_a_server_that_does_not_start_gets_nothing_even_where_its_check_was_thrown_away(graded):
    points, _ = graded
    assert points["broken"] == {"check-01-1": 0, "check-01-2": 0}


@NEEDS_NBGRADER
def test_the_feedback_says_what_the_check_says(graded):
    _, course = graded
    said = {path.parts[-3]: path.read_text(encoding="utf-8") for path in Path(course, "feedback").rglob("*.html")}
    assert "solved" in said["right"] and "not yet" not in said["right"]
    assert "expected" in said["wrong"] and "not yet" in said["wrong"]


@NEEDS_NBGRADER
def test_nbgrader_releases_what_the_tests_above_say(graded):
    _, course = graded
    released = nbformat.read(next((course / "release").rglob("*.ipynb")), as_version=4)
    source = nbformat.read(next((course / "source").rglob("*.ipynb")), as_version=4)
    for got, expected in zip(answers(released), answers(source), strict=True):
        magic, stub, skeleton = got.source.split("\n", 2)
        assert stub.startswith("#") and f"{magic}\n{skeleton}" == without_solution(expected.source)
