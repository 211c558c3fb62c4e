"""Exercises and their requirements, checked over the wire and on the server's processes, never by reading the solution.

    await check("01.1", shout)     check each requirement; show what was sent, expected, received
    hint("01.1")                   one more hint at each call

    lesson_*    the exercises of the lesson with that number
    patience    how long a check waits

A requirement is a function of the attempt, as in the examiner: its docstring is the sentence that a learner reads, and it raises
NotMet with what it saw instead. One that is not a coroutine function runs on a thread, so that it does not block the notebook.
dialogue() makes a requirement from lines and their answers, and from_examiner() takes one of the examiner's.
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
    """An exercise: its title, requirements and hints.

    point   the requirement that the exercise is about, as function or name: the first that its skeleton does not meet
    """

    def __init__(self, title, requirements, hints, point=None):
        self.title, self.hints = title, hints
        self.requirements = [one if isinstance(one, Requirement) else Requirement.of(one) for one in requirements]
        self.point = next((one for one in self.requirements if point in (one.examine, one.name)), self.requirements[0])


PEOPLE = "Ann", "Ben", "Cem"  # clients, one after the other

reports = {}  # number of an exercise -> report of its last check
given_hints = {}  # number of an exercise -> hints already given


async def check(number, attempt):
    """Check an attempt (a Server, or an answer) and return the Report. Stops at the first requirement that is not met."""
    report = reports[number] = ExerciseReport(number, find(number))
    for requirement in report.exercise.requirements:
        report.findings.append(await finding(requirement, attempt))
        if report.failed:
            break
    report.keep()
    return report


async def finding(requirement, attempt):
    try:
        require(not isinstance(attempt, Server) or attempt.running, "the server does not run")
        if inspect.iscoroutinefunction(requirement.examine):
            await requirement.examine(attempt)
        else:
            await asyncio.to_thread(requirement.examine, attempt)
    except NotMet as problem:
        return Finding(requirement, NOT_MET, problem, await own_words(attempt))
    except OSError as problem:  # the client's message, such as "the server closed the connection"
        return Finding(requirement, NOT_MET, NotMet(str(problem)), await own_words(attempt))
    return Finding(requirement, MET)


async def own_words(attempt):
    """Return what a failed server itself reports: how it ended, and its last error."""
    return await asyncio.to_thread(exam.own_words, attempt) if isinstance(attempt, Server) else ""


def hint(number):
    """Give the next hint for an exercise. Hints for the problem that the last check found come first, the gentlest first."""
    diagnoses = [found.diagnosis for found in reports[number].findings] if number in reports else []
    hints = [hint for one in diagnoses for hint in one.hints] + find(number).hints
    tell_hint(hints, given_hints.setdefault(number, []), "The solution is below the exercise: compare it with yours, line by line.")


def find(number):
    """Return the Exercise with a number such as "01.2". Raises LookupError, which explains the numbering."""
    try:
        return importlib.import_module(f"clients.lab.learning.exercises.lesson_{number[:2]}").EXERCISES[number]
    except (ImportError, KeyError):
        raise LookupError(
            f"there is no exercise {number!r}; exercises are numbered like '01.1': lesson, then exercise."
        ) from None


class ExerciseReport(Report):
    """The findings of a check, up to the first requirement that is not met."""

    def __init__(self, number, exercise):
        super().__init__(f"Exercise {number}, {exercise.title}")
        self.number, self.exercise = number, exercise
        self.trouble = ""

    @property
    def passed(self):
        return self.met == len(self.exercise.requirements)

    @property
    def points(self):
        """The points for an assignment: one for each requirement met, but none until the exercise's main requirement is met."""
        is_made = any(found.requirement is self.exercise.point and found.verdict == MET for found in self.findings)
        return self.met if is_made else 0

    def keep(self):
        """Save in the learner's copy whether the exercise was passed, for progress()."""
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


# ---------------------------------------------------------------- helpers for requirements


def client(server, name="the examiner", timeout=3):
    """Return a client of the attempt: `async with client(server) as ann`."""
    require(isinstance(server, Server), f"a running server is needed here, and this is {server!r}. Run the %%server cell first.")
    return PatientClient(server, name, timeout=timeout)


def require(condition, words):
    """Raise NotMet with these words unless the condition is true."""
    if not condition:
        raise NotMet(words)


@contextlib.contextmanager
def explained(words, error=ConnectionError):
    """Turn such an error in this block into NotMet with these words; {problem} in them is replaced by the error's text."""
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
    """Return the Diagnosis of a missing answer: it came without its newline, or the server keeps reading from a client that has left."""
    if ann.kind != "tcp" or not isinstance(ann.server, Server):
        return None
    if unserved.asks_the_gone(ann.server):
        return unserved.ASKS_THE_GONE
    sent = sum(event.bytes for event in ann.server.events() if event.kind == "send" and event.peer == ann.local)
    return NO_NEWLINE if sent > sum(len(line.encode()) + 1 for line in ann.heard) else None


@contextlib.contextmanager
def in_one_connection(ann):
    """Require that everything sent in this block uses one connection. If the server has closed it, the client reconnects
    automatically; or it gets an error instead, if its next line was sent before the close arrived.
    """
    closed = NotMet("the server closed the connection after a line, so the client had to connect again for the next one")
    try:
        yield
    except ClientError:
        if ann.heard and ann.state in ("reset by server", "closed by server"):
            raise closed from None
        raise
    if [record.kind for record in ann.records].count("connect") > 1:
        raise closed


def dialogue(name, sentence, answers, clients=("the examiner",), stays=False):
    """Return the Requirement that these clients, one after the other, have their lines answered so: {line: answer}.

    stays: over one connection each.
    """

    async def examine(server):
        for one in clients:
            async with client(server, one) as ann:
                with in_one_connection(ann) if stays else contextlib.nullcontext():
                    for line, answer in answers.items():
                        await expect(ann, line, answer)

    return Requirement(name, sentence, examine)


answers_one = dialogue("answers one", "a client that talks is answered", {"hello": "hello"})


@contextlib.asynccontextmanager
async def several(server, number, name="client", timeout=3):
    """Connect several clients of the attempt, "client 1" and so on, one after the other."""
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(client(server, f"{name} {n}", timeout)) for n in range(1, number + 1)]


async def last_first(server, number=3):
    """Connect several clients; the last to connect asks first, so a server that serves one at a time cannot answer."""
    async with several(server, number) as clients:
        for one in reversed(clients):
            await expect(one, "hello", "hello")


async def servants(server, clients):
    """Return the (pid, tid) of all threads that have answered one of these clients."""
    places = {one.local for one in clients}

    def found():
        return {event.peer: (event.pid, event.tid) for event in server.events() if event.kind == "send" and event.peer in places}

    await happens(lambda: len(found()) == len(places))
    return set(found().values())


@contextlib.asynccontextmanager
async def started_with(server, folder, **variables):
    """Run the server as started by exam.start_with() in this block. If the block fails, it is left so: its log shows why."""
    await start(exam.start_with, server, folder, **variables)
    yield
    await start(server.restart)


async def start(begin, *arguments, **options):
    try:
        return await asyncio.to_thread(begin, *arguments, **options)
    except LaunchError as problem:
        raise NotMet(f"it could not be started again for the next check (is its port 0?):\n{problem}") from None


def count(number, what, plural="s"):
    """Return a number with its noun: "1 thread", "2 threads"."""
    return f"{number} {what}{plural if number != 1 else ''}"


def received(server, one):
    return any(event.kind == "receive" and event.peer == one.local and event.bytes for event in server.events())


def pieces(sock, most):
    """Yield what comes until the end, or until more than `most` bytes have come, because a server may send forever."""
    came = 0
    while came <= most and (piece := sock.recv(65_536)):
        came += len(piece)
        yield piece


def from_examiner(requirement, **options):
    """Turn a requirement of the examiner into one of an exercise; `options` are those of its Exam."""

    def examine(server):
        client(server)  # raises NotMet if the attempt is not a server
        try:
            requirement.examine(exam.Exam(server, [requirement], **options))
        except NotAsked as reason:  # cannot be checked here, for example because the server did not start again
            raise NotMet(str(reason)) from None

    return requirement._replace(examine=examine)
