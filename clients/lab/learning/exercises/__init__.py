"""Exercises: what each asks for, checked over the wire and over the server's processes, never by reading the solution.

    await check("01.1", shout)     requirement by requirement, with what was sent, expected, received
    hint("01.1")                   one more hint at each call

    lesson_*    the exercises of the lesson of that number

A requirement is an async function of the attempt: its docstring is the
sentence that a learner reads, and it raises NotYet with what it saw instead.
"""

import asyncio
import importlib
from typing import NamedTuple

from clients.examiner import NotMet, exam
from clients.lab.lab_client import LabClient
from clients.lab.learning import progress_store
from servers.runtime import Server


class NotYet(Exception):
    """A requirement is not met; the text says what was sent, expected and received."""


class Exercise(NamedTuple):
    title: str
    requirements: list
    hints: list


given_hints = {}  # number of an exercise -> how many hints were given


async def check(number, attempt):
    """Check an attempt (a Server, or an answer) and return the Report. It stops at the first requirement that is not met."""
    exercise = find(number)
    report = Report(number, exercise)
    for requirement in exercise.requirements:
        try:
            if isinstance(attempt, Server) and not attempt.running:
                raise NotYet("the server does not run")
            await requirement(attempt)
        except (NotYet, OSError) as problem:  # OSError: the client's own words, such as "the server closed the connection"
            report.add(requirement, f"{problem}\n{await own_words(attempt)}".strip())
            break
        report.add(requirement)
    report.keep()
    return report


async def own_words(attempt):
    """What a server that failed says itself: how it ended, and its last error."""
    return await asyncio.to_thread(exam.own_words, attempt) if isinstance(attempt, Server) else ""


def hint(number):
    """The next hint of an exercise, the gentlest first."""
    hints = find(number).hints
    given = given_hints.get(number, 0)
    given_hints[number] = given + 1
    if given >= len(hints):
        return print("That was the last hint. The solution is below the exercise: compare it with yours, line by line.")
    print(f"Hint {given + 1} of {len(hints)}: {hints[given]}")


def find(number):
    """The Exercise of a number such as "01.2"; LookupError names the ones there are."""
    try:
        return importlib.import_module(f"clients.lab.learning.exercises.lesson_{number[:2]}").EXERCISES[number]
    except (ImportError, KeyError):
        raise LookupError(
            f"there is no exercise {number!r}; exercises are numbered like '01.1': lesson, then exercise."
        ) from None


class Report:
    """What a check found; prints line by line."""

    def __init__(self, number, exercise):
        self.number, self.exercise, self.findings = number, exercise, []
        self.trouble = ""

    def add(self, requirement, problem=""):
        self.findings.append((" ".join(requirement.__doc__.split()), problem))

    @property
    def passed(self):
        return self.met == len(self.exercise.requirements)

    def keep(self):
        """Keep in the learner's copy whether it was passed, for progress()."""
        try:
            progress_store.keep_exercise(self.number, self.passed)
        except OSError as problem:
            self.trouble = f"(Your progress could not be saved: {problem}.)"

    @property
    def met(self):
        """The number of requirements that are met: an assignment's points."""
        return sum(not problem for _, problem in self.findings)

    def __repr__(self):
        lines = [f"Exercise {self.number}, {self.exercise.title}: {'solved' if self.passed else 'not yet'}"]
        for sentence, problem in self.findings:
            lines.append(f"  {'not yet' if problem else 'passed '}  {sentence}")
            lines += [f"           {line}" for line in problem.splitlines()]
        if not self.passed:
            lines.append(f'  For a nudge: hint("{self.number}")')
        return "\n".join(lines + [self.trouble] * bool(self.trouble))


# ---------------------------------------------------------------- what requirements are made of


def client(server, name="the examiner", timeout=3):
    """A client of the attempt: `async with client(server) as ann`."""
    if not isinstance(server, Server):
        raise NotYet(f"a running server is needed here, and this is {server!r}. Run the %%server cell first.")
    return LabClient(server, name, timeout=timeout)


async def expect(ann, sent, expected, timeout=3):
    """Send a line and compare the answer."""
    came = await ann.send(sent, timeout=timeout)
    if came != expected:
        raise NotYet(f"sent {sent!r}, expected {expected!r}, came {came!r}")


def in_one_connection(ann):
    """A client connects again by itself where the server has closed: here that is a mistake of the server's."""
    if [record.kind for record in ann.records].count("connect") > 1:
        raise NotYet("the server closed the connection after a line, so that the client had to connect again for the next")


async def last_first(server, number=3, line="hello", expected="hello"):
    """Connect several clients; the last to connect asks first: a server that takes them in turn cannot answer."""
    clients = [client(server, f"client {n}") for n in range(1, number + 1)]
    try:
        for one in clients:
            await one.connect()
        for one in reversed(clients):
            await expect(one, line, expected)
    finally:
        for one in clients:
            await one.close()


def pieces(sock, most):
    """What comes until the end; or until more than `most` bytes have come, since a server may talk on for ever."""
    came = 0
    while came <= most and (piece := sock.recv(65_536)):
        came += len(piece)
        yield piece


def from_examiner(requirement, **options):
    """A requirement of the examiner as one of an exercise; `options` are those of its Exam."""

    async def examined(server):
        client(server)  # says so when the attempt is no server
        examination = exam.Exam(server, [requirement], **options)
        try:
            await asyncio.to_thread(requirement.examine, examination)
        except NotMet as problem:
            likely = problem.mistake or requirement.mistake
            raise NotYet(f"sent {problem.sent}\nexpected {problem.expected}\ncame {problem.came}\nlikely: {likely}") from None

    examined.__doc__ = requirement.sentence
    return examined
