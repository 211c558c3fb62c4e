"""Each exercise's solution passes its check, as do right answers in other styles; its skeleton and every wrong answer fail it.

A wrong answer is a file in wrong_answers/, named after its exercise. Its first lines give the misconception behind it, the
requirement that it fails (the check stops at the first), and words of the check's report. A .diff holds only the changes to the
program that "# Changes: ..." names: the lesson's solution or skeleton, another wrong answer, or one of lesson 12's chats.
"# Fails: a | b" means that one of them always fails, but which one depends on timing.
"""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from changes import program
from chats import CHATS
from support import eventually

from clients.course.assignments import CHECK, SOLUTION
from clients.course.workspace import paths
from clients.examiner import Diagnosis, Requirement
from clients.examiner.requirements import NotAsked
from clients.lab.learning import exercises
from clients.lab.learning.exercises import check, find, hint, lesson_08, own_words, patience
from servers import LaunchError, launch

HERE = Path(__file__).parent
LESSONS = [nbformat.read(path, as_version=4).cells for path in paths()]
SOLVED = dict(found for cells in LESSONS for cell in cells for found in SOLUTION.findall(cell.source))  # number -> code


def solutions():
    for number, code in SOLVED.items():
        yield pytest.param(number, code, id=number)


def right_answers():
    """Yield solutions in other styles than the lesson's."""
    for path in sorted((HERE / "right_answers").glob("*.py")):
        yield pytest.param(path.name[:4], path.read_text(encoding="utf-8"), id=path.stem)


def skeletons():
    """Yield (number, code) of each cell that a check in a lesson examines."""
    for cells in LESSONS:
        sources = [cell.source for cell in cells if cell.cell_type == "code"]
        for number, name in CHECK.findall("\n".join(sources)):
            code = next(source for source in sources if source.startswith(f"%%server {name}"))
            yield pytest.param(number, code.split("\n", 1)[1], id=number)


def wrong_answers():
    begun = {number: f"{code}\n" for number, code in (case.values for case in skeletons())}
    for path in sorted((HERE / "wrong_answers").iterdir()):
        number = path.name[:4]
        known = {"the lesson's solution": SOLVED[number], "the lesson's skeleton": begun[number], **CHATS}
        yield pytest.param(number, program(path, known), id=path.stem)


def checked(name, number, code):
    """Return the report of an attempt; the error as text if it does not start."""
    try:
        server = launch(code + "\n", name=name, timeout=60)
    except LaunchError as problem:
        return str(problem)
    with server:
        return asyncio.run(check(number, server))


@pytest.fixture(scope="module")
def reports(request):
    """Return the reports of all attempts tested in this run. They run in parallel: most wait for an answer that never comes."""
    mine = (item for item in request.session.items if item.path == request.path)
    tested = [item.callspec.params for item in mine if "reports" in item.fixturenames]
    attempts = [(params["number"], params["code"]) for params in tested]
    with ThreadPoolExecutor(5) as pool:
        found = [pool.submit(checked, f"attempt_{n}", *attempt) for n, attempt in enumerate(attempts)]
        return {attempt: one.result() for attempt, one in zip(attempts, found, strict=True)}


@pytest.mark.parametrize("number, code", list(solutions()) + list(right_answers()))
def test_solution_passes(reports, number, code):
    report = reports[number, code]
    assert report.passed and report.points == len(find(number).requirements), report


@pytest.mark.parametrize("number, code", list(skeletons()))
def test_an_untouched_skeleton_fails_the_exercises_own_point_and_earns_none(reports, number, code):
    report = reports[number, code]
    assert report.failed == [find(number).point.name] and report.points == 0, report


@pytest.mark.parametrize("number, code", list(wrong_answers()))
def test_a_wrong_answer_fails_what_its_misconception_breaks_and_is_told_why(reports, number, code):
    report = reports[number, code]
    head = dict(re.findall("^# (Fails|Told): (.*)", code, re.MULTILINE))
    assert len(report.failed) == 1 and report.failed[0] in head["Fails"].split(" | "), report
    assert head["Told"] in report.findings[-1].told, report


def test_every_exercise_has_a_solution_a_skeleton_hints_and_wrong_answers():
    solved, started, wrong = ({case.values[0] for case in cases()} for cases in (solutions, skeletons, wrong_answers))
    assert solved and solved == started and solved <= wrong
    assert all(len(find(number).hints) >= 2 for number in solved)


def test_the_milestones_of_the_chat_are_its_requirements_in_the_order_of_the_check():
    rows = [row for cells in LESSONS for cell in cells for row in re.findall(r"^\| \d\. .* \| (.*) \|$", cell.source, re.MULTILINE)]
    assert ", ".join(rows).split(", ") == [requirement.name for requirement in find("12.2").requirements]


async def test_no_answer_is_waited_for_from_a_server_that_asks_one_who_has_left(monkeypatch):
    monkeypatch.setattr(patience.unserved, "asks_the_gone", lambda server: True)
    with launch("tcp_loop") as server:
        async with patience.PatientClient(server, "Ann"), patience.PatientClient(server, "Ben") as ben:
            with pytest.raises(exercises.NotMet, match="again and again, that has left"):
                await ben.send("hello", timeout=3)


def test_what_the_examiner_cannot_ask_is_not_met(monkeypatch):
    def cannot(exam):
        """it starts again"""
        raise NotAsked("it could not be started again")

    monkeypatch.setattr(exercises, "client", lambda server: None)
    monkeypatch.setattr(exercises.exam, "Exam", lambda *_, **options: None)
    with pytest.raises(exercises.NotMet, match="could not be started"):
        exercises.from_examiner(Requirement.of(cannot)).examine(None)


def test_hints_follow_from_what_the_check_found_and_none_comes_twice(monkeypatch, capsys):
    def is_polite(attempt):
        """it says hello"""
        raise exercises.NotMet("nothing", diagnosis=Diagnosis("it is shy", ("Look at it.", "Smile."), ("00",)))

    monkeypatch.setattr(exercises, "find", lambda number: exercises.Exercise("manners", [is_polite], ["Smile.", "Say it."]))
    assert "likely: it is shy" in repr(asyncio.run(check("99.1", None)))
    for _ in range(4):
        hint("99.1")
        asyncio.run(check("99.1", None))
    *hints, last = capsys.readouterr().out.splitlines()
    assert hints == ["Hint 1 of 3: Look at it.", "Hint 2 of 3: Smile.", "Hint 3 of 3: Say it."]
    assert last.startswith("That was the last hint. The solution is")


@pytest.mark.parametrize("came, right", [("21", True), ("21.0", True), ("21.5", False), ("about 21", False)])
def test_a_number_may_be_written_in_any_way(came, right):
    assert lesson_08.is_number(came, "21") is right


@pytest.mark.parametrize("last, blamed", [("ConnectionResetError: [Errno 104] reset", False), ("KeyError: 'x'", True)])
async def test_a_check_names_the_servers_error_and_not_the_end_of_its_own_client(last, blamed):
    """socketserver prints such a traceback if a handler raises, and the examiner itself resets connections when it gives up."""
    said = f"Exception occurred during processing of request from ('127.0.0.1', 5)\nTraceback (most recent call last):\n{last}"
    source = f"import socket\nprint({said!r})\nsocket.create_server(('127.0.0.1', 0)).accept()\n"
    with launch(source, name="talkative") as server:
        eventually(lambda: last in server.log)
        assert await own_words(server) == (f"Its last error: {last}" if blamed else "")
