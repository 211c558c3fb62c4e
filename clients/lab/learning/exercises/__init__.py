"""Exercises: what each asks for, checked over the wire and over the server's processes, never by reading the solution.

    await check("01.1", shout)     requirement by requirement, with what was sent, expected, received
    hint("01.1")                   one more hint at each call

    lesson_*    the exercises of the lesson of that number
    patience    how long a check waits

A requirement is a function of the attempt, as for the examiner: its docstring is the sentence that a learner reads, and it raises
NotMet with what it saw instead. One that is no coroutine function runs on a thread, so that the notebook goes on.
"""

import asyncio
import contextlib
import importlib
import inspect

from clients.examiner import NotMet, Requirement, exam, unserved
from clients.examiner.mistakes_tcp import NO_NEWLINE
from clients.examiner.report import MET, NOT_MET, Finding, Report
from clients.examiner.requirements import NotAsked, tell_hint
from clients.lab.lab_client import ClientError
from clients.lab.learning import progress_store
from clients.lab.learning.exercises.patience import PatientClient, happens
from servers import LaunchError
from servers.runtime import Server


class Exercise:
    """What an exercise asks for.

    point   the requirement that the exercise is about, by its function or name: the first one that its skeleton does not meet
    """

    def __init__(self, title, requirements, hints, point=None):
        self.title, self.hints = title, hints
        self.requirements = [one if isinstance(one, Requirement) else Requirement.of(one) for one in requirements]
        self.point = next((one for one in self.requirements if point in (one.examine, one.name)), self.requirements[0])


reports = {}  # number of an exercise -> what the last check of it found
given_hints = {}  # number of an exercise -> hints that were given


async def check(number, attempt):
    """Check an attempt (a Server, or an answer) and return the Report. It stops at the first requirement that is not met."""
    report = reports[number] = ExerciseReport(number, find(number))
    for requirement in report.exercise.requirements:
        report.findings.append(await finding(requirement, attempt))
        if report.failed:
            break
    report.keep()
    return report


async def finding(requirement, attempt):
    try:
        if isinstance(attempt, Server) and not attempt.running:
            raise NotMet("the server does not run")
        if inspect.iscoroutinefunction(requirement.examine):
            await requirement.examine(attempt)
        else:
            await asyncio.to_thread(requirement.examine, attempt)
    except NotMet as problem:
        return Finding(requirement, NOT_MET, problem, await own_words(attempt))
    except OSError as problem:  # the client's own words, such as "the server closed the connection"
        return Finding(requirement, NOT_MET, NotMet(str(problem)), await own_words(attempt))
    return Finding(requirement, MET)


async def own_words(attempt):
    """What a server that failed says itself: how it ended, and its last error."""
    return await asyncio.to_thread(exam.own_words, attempt) if isinstance(attempt, Server) else ""


def hint(number):
    """The next hint of an exercise: first those that follow from what its last check found, the gentlest first."""
    diagnoses = [found.diagnosis for found in reports[number].findings] if number in reports else []
    hints = [hint for one in diagnoses for hint in one.hints] + find(number).hints
    tell_hint(hints, given_hints.setdefault(number, []), "The solution is below the exercise: compare it with yours, line by line.")


def find(number):
    """The Exercise of a number such as "01.2"; LookupError names the ones there are."""
    try:
        return importlib.import_module(f"clients.lab.learning.exercises.lesson_{number[:2]}").EXERCISES[number]
    except (ImportError, KeyError):
        raise LookupError(
            f"there is no exercise {number!r}; exercises are numbered like '01.1': lesson, then exercise."
        ) from None


class ExerciseReport(Report):
    """What a check found; it has no findings behind the first requirement that is not met."""

    def __init__(self, number, exercise):
        super().__init__(f"Exercise {number}, {exercise.title}")
        self.number, self.exercise = number, exercise
        self.trouble = ""

    @property
    def passed(self):
        return self.met == len(self.exercise.requirements)

    @property
    def points(self):
        """What an assignment gives: one for each requirement that is met; none until the exercise's own point is."""
        is_made = any(found.requirement is self.exercise.point and found.verdict == MET for found in self.findings)
        return self.met if is_made else 0

    def keep(self):
        """Keep in the learner's copy whether it was passed, for progress()."""
        try:
            progress_store.keep_exercise(self.number, self.passed)
        except OSError as problem:
            self.trouble = f"(Your progress could not be saved: {problem}.)"

    def __repr__(self):
        lines = [f"{self.title}: {'solved' if self.passed else 'not yet'}"]
        for found in self.findings:
            lines.append(f"  {'passed ' if found.verdict == MET else 'not yet'}  {found.requirement.sentence}")
            lines += [f"           {line}" for line in found.told.splitlines()]
        if not self.passed:
            lines.append(f'  For a nudge: hint("{self.number}")')
        return "\n".join(lines + [self.trouble] * bool(self.trouble))


# ---------------------------------------------------------------- what requirements are made of


def client(server, name="the examiner", timeout=3):
    """A client of the attempt: `async with client(server) as ann`."""
    if not isinstance(server, Server):
        raise NotMet(f"a running server is needed here, and this is {server!r}. Run the %%server cell first.")
    return PatientClient(server, name, timeout=timeout)


@contextlib.contextmanager
def explained(words, error=ConnectionError):
    """In this block such an error means that the requirement is not met: the words say why, and {problem} in them how it failed."""
    try:
        yield
    except error as problem:
        raise NotMet(words.replace("{problem}", str(problem))) from None


async def expect(ann, sent, expected, timeout=3, same=str.__eq__):
    """Send a line and compare the answer."""
    try:
        came = await ann.send(sent, timeout=timeout)
    except ClientError as problem:
        if meaning := await asyncio.to_thread(why_no_answer, ann):
            raise NotMet(str(problem), diagnosis=meaning) from None
        raise
    if not same(came, expected):
        raise NotMet(repr(sent), repr(expected), repr(came))


def why_no_answer(ann):
    """The Diagnosis of an answer that did not come: it came without its newline, or the server still asks another client for more."""
    if ann.kind != "tcp" or not isinstance(ann.server, Server):
        return None
    if unserved.asks_the_gone(ann.server):
        return unserved.ASKS_THE_GONE
    sent = sum(event.bytes for event in ann.server.events() if event.kind == "send" and event.peer == ann.local)
    return NO_NEWLINE if sent > sum(len(line.encode()) + 1 for line in ann.heard) else None


@contextlib.contextmanager
def in_one_connection(ann):
    """What is asked in this block goes over one connection. Where the server has closed it, a client connects again by itself;
    or it is told of the end only then, when its next line had come before.
    """
    closed = NotMet("the server closed the connection after a line, so that the client had to connect again for the next")
    try:
        yield
    except ClientError:
        if ann.heard and ann.state in ("reset by server", "closed by server"):
            raise closed from None
        raise
    if [record.kind for record in ann.records].count("connect") > 1:
        raise closed


async def answers_one(server):
    """a client that talks is answered"""
    async with client(server) as ann:
        await expect(ann, "hello", "hello")


@contextlib.asynccontextmanager
async def several(server, number, name="client", timeout=3):
    """Clients of the attempt, "client 1" and so on, connected one after the other."""
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(client(server, f"{name} {n}", timeout)) for n in range(1, number + 1)]


async def last_first(server, number=3):
    """Connect several clients; the last to connect asks first: a server that takes them in turn cannot answer."""
    async with several(server, number) as clients:
        for one in reversed(clients):
            await expect(one, "hello", "hello")


async def lines_in_pieces(server, answer, two_lines, answers):
    """Send 'hello' in two pieces, then two lines in one piece, then a line and the half of another, and compare what comes."""
    async with client(server) as ann:
        await ann.send(b"hel")
        await happens(lambda: received(server, ann))  # a right server gives the same answer, whatever comes together
        await ann.send(b"lo\n", timeout=3)
        if list(ann.heard) != [answer]:
            raise NotMet(f"sent 'hel', then 'lo' and a newline, expected {answer!r}, got {list(ann.heard)}")
        await expect(ann, two_lines, answers)
        with explained("sent 'hello', a newline and 'hel' in one piece, so the first line is whole. {problem}"):
            await ann.send(b"hello\nhel", timeout=3)
        await ann.send(b"lo\n", timeout=3)
        if (came := list(ann.heard)[-2:]) != [answer, answer]:
            raise NotMet(f"sent 'hello', a newline and 'hel', then 'lo' and a newline, expected {answer!r} twice, got {came}")


async def servants(server, clients):
    """(pid, tid) of all who have answered one of these clients."""
    places = {one.local for one in clients}

    def found():
        return {event.peer: (event.pid, event.tid) for event in server.events() if event.kind == "send" and event.peer in places}

    await happens(lambda: len(found()) == len(places))
    return set(found().values())


async def anew(server):
    """Start a server again that has ended."""
    await start(server.restart)


@contextlib.asynccontextmanager
async def started_with(server, folder, **variables):
    """In this block the server runs as exam.start_with() starts it. One that fails there stays so: its log tells why."""
    await start(exam.start_with, server, folder, **variables)
    yield
    await anew(server)


async def start(begin, *arguments, **options):
    try:
        return await asyncio.to_thread(begin, *arguments, **options)
    except LaunchError as problem:
        raise NotMet(f"it could not be started again for the next check (is its port 0?):\n{problem}") from None


def count(number, what, plural="s"):
    """Such as "1 thread" and "2 threads"."""
    return f"{number} {what}{plural if number != 1 else ''}"


def received(server, one):
    return any(event.kind == "receive" and event.peer == one.local and event.bytes for event in server.events())


def pieces(sock, most):
    """What comes until the end; or until more than `most` bytes have come, since a server may talk on for ever."""
    came = 0
    while came <= most and (piece := sock.recv(65_536)):
        came += len(piece)
        yield piece


def from_examiner(requirement, **options):
    """A requirement of the examiner as one of an exercise; `options` are those of its Exam."""

    def examine(server):
        client(server)  # says so when the attempt is no server
        try:
            requirement.examine(exam.Exam(server, [requirement], **options))
        except NotAsked as reason:  # what cannot be asked here is not met: it could not be started again, for example
            raise NotMet(str(reason)) from None

    return requirement._replace(examine=examine)
