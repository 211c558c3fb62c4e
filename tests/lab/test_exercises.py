"""Each exercise's solution passes its check; its skeleton and every wrong answer fail it.

A wrong answer is a file in wrong_answers/, named for its exercise, that begins with the misconception it is made of;
where the second line is "# Told: ...", the check has to say these words.
"""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from support import eventually

from clients.course.workspace import paths
from clients.lab.learning.exercises import check, find, own_words
from servers import LaunchError, launch

HERE = Path(__file__).parent
LESSONS = paths()
SOLUTION = re.compile(r"<summary>Solution of (\d\d\.\d)</summary>(?:(?!</details>).)*?```python\n(.*?)```", re.DOTALL)
CHECK = re.compile(r"check\(\"(\d\d\.\d)\", (\w+)\)")


def solutions():
    for lesson in LESSONS:
        for cell in nbformat.read(lesson, as_version=4).cells:
            for number, code in SOLUTION.findall(cell.source):
                yield pytest.param(number, code, id=number)


def skeletons():
    """(number, code) of each cell that a check in the lesson examines."""
    for lesson in LESSONS:
        sources = [cell.source for cell in nbformat.read(lesson, as_version=4).cells if cell.cell_type == "code"]
        for number, name in CHECK.findall("\n".join(sources)):
            code = next(source for source in sources if source.startswith(f"%%server {name}"))
            yield pytest.param(number, code.split("\n", 1)[1], id=number)


def wrong_answers():
    for path in sorted((HERE / "wrong_answers").glob("*.py")):
        yield pytest.param(path.name[:4], path.read_text(encoding="utf-8"), id=path.stem)


def passes(name, number, code):
    try:
        server = launch(code + "\n", name=name)
    except LaunchError as problem:
        return False, str(problem)
    with server:
        report = asyncio.run(check(number, server))
        return report.passed, repr(report)


@pytest.fixture(scope="module")
def outcomes(request):
    """(did it pass, what the check said) of all attempts tested now: most wait for an answer that never comes, so they wait together."""
    tested = [item.callspec.params for item in request.session.items if "outcomes" in getattr(item, "fixturenames", ())]
    attempts = [(params["number"], params["code"]) for params in tested]
    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(passes, f"attempt_{n}", *attempt) for n, attempt in enumerate(attempts)]
        return {attempt: one.result() for attempt, one in zip(attempts, found, strict=True)}


@pytest.mark.parametrize("number, code", list(solutions()))
def test_solution_passes(outcomes, number, code):
    passed, said = outcomes[number, code]
    assert passed, said


@pytest.mark.parametrize("number, code", list(skeletons()) + list(wrong_answers()))
def test_skeletons_and_wrong_answers_fail(outcomes, number, code):
    passed, said = outcomes[number, code]
    assert not passed, said
    if told := re.search("^# Told: (.*)", code, re.MULTILINE):  # words that name the mistake
        assert told[1] in said


def test_every_exercise_has_a_solution_a_skeleton_hints_and_wrong_answers():
    solved, started, wrong = ({case.values[0] for case in cases()} for cases in (solutions, skeletons, wrong_answers))
    assert solved and solved == started == wrong
    assert all(len(find(number).hints) >= 2 for number in solved)


@pytest.mark.parametrize("last, blamed", [("ConnectionResetError: [Errno 104] reset", False), ("KeyError: 'x'", True)])
async def test_a_check_names_the_servers_error_and_not_the_end_of_its_own_client(last, blamed):
    """What socketserver prints when a handler raises; the examiner itself resets connections when it gives up."""
    said = f"Exception occurred during processing of request from ('127.0.0.1', 5)\nTraceback (most recent call last):\n{last}"
    source = f"import socket\nprint({said!r})\nsocket.create_server(('127.0.0.1', 0)).accept()\n"
    with launch(source, name="talkative") as server:
        eventually(lambda: last in server.log)
        assert await own_words(server) == (f"Its last error: {last}" if blamed else "")
