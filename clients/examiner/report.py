"""Requirements, what an examination finds, and how it is told."""

import textwrap
from collections.abc import Callable
from typing import NamedTuple

MET, NOT_MET, NOT_ASKED = "met", "not met", "not asked"
WIDTH = 92  # columns
GATE = "the first requirement is not met"


class NotMet(Exception):
    """A requirement is not met: what was sent, what was expected, what came. `mistake`: a likelier one than the usual."""

    def __init__(self, sent, expected, came, mistake=""):
        super().__init__(f"sent {sent}; expected {expected}; came {came}")
        self.sent, self.expected, self.came, self.mistake = sent, expected, came, mistake


class NotAsked(Exception):
    """A requirement does not apply to this server; the text says why."""


class Requirement(NamedTuple):
    """A sentence that a server has to make true, and what to say when it does not."""

    name: str
    sentence: str
    examine: Callable  # called with the Exam; raises NotMet, NotAsked
    mistake: str  # what is most often behind it
    hints: tuple  # the gentlest first
    read: tuple  # numbers of the lessons that explain it


def requirement(name, mistake, hints, read=()):
    """Make a Requirement of a function; its docstring is the sentence."""

    def made(function):
        return Requirement(name, " ".join(function.__doc__.split()), function, mistake, tuple(hints), tuple(read))

    return made


class Finding(NamedTuple):
    """What came of one requirement."""

    requirement: Requirement
    verdict: str  # MET, NOT_MET, NOT_ASKED
    problem: NotMet | None = None
    why: str = ""  # why it was not asked; of one not met, what the server says itself

    @property
    def lines(self):
        """What there is to say about it, as (what, text) pairs."""
        if self.problem:
            yield "sent", self.problem.sent
            yield "expected", self.problem.expected
            yield "came", self.problem.came
            yield "likely", self.problem.mistake or self.requirement.mistake
        if self.why:
            yield "the log" if self.problem else "because", self.why


class Report:
    """What an examination found; prints line by line. `report["framing"]` is the Finding of that requirement."""

    def __init__(self, title, findings=()):
        self.title, self.findings = title, list(findings)
        self._given = {}  # name -> how many hints were given

    @property
    def asked(self):
        return [one for one in self.findings if one.verdict != NOT_ASKED]

    @property
    def failed(self):
        """The names of the requirements that are not met."""
        return [one.requirement.name for one in self.findings if one.verdict == NOT_MET]

    @property
    def passed(self):
        """All that was asked is met, and something was."""
        return bool(self.asked) and not self.failed

    @property
    def grade(self):
        """Percent of what was asked that is met; what is not asked because the first is not met counts as asked."""
        asked = [one for one in self.findings if one.verdict != NOT_ASKED or one.why == GATE]
        return round(100 * sum(one.verdict == MET for one in asked) / len(asked)) if asked else 0

    @property
    def read_again(self):
        """The numbers of the lessons that explain what is not met."""
        return sorted({number for one in self.findings if one.verdict == NOT_MET for number in one.requirement.read})

    def __getitem__(self, name):
        for one in self.findings:
            if one.requirement.name == name:
                return one
        raise LookupError(
            f"there is no requirement {name!r}; there are: {', '.join(one.requirement.name for one in self.findings)}"
        )

    def hint(self, name):
        """Print the next hint about a requirement that is not met, the gentlest first."""
        one = self[name]
        if one.verdict != NOT_MET:
            return print(f"{name} is {one.verdict}: no hint is needed.")
        hints, given = one.requirement.hints, self._given.get(name, 0)
        self._given[name] = given + 1
        if given >= len(hints):
            again = f" Read lesson {' and '.join(one.requirement.read)} again." if one.requirement.read else ""
            return print(f"That was the last hint.{again}")
        print(f"Hint {given + 1} of {len(hints)}: {hints[given]}")

    def __repr__(self):
        met = len(self.asked) - len(self.failed)
        text = [f"{self.title}: {met} of {len(self.asked)} requirements are met"]
        width = max((len(one.requirement.name) for one in self.findings), default=0)
        for one in self.findings:
            if one.why == GATE:
                continue
            text += wrapped(f"  {one.verdict:9}  {one.requirement.name:{width}}  ", one.requirement.sentence)
            for what, said in one.lines:
                text += wrapped(f"{'':13}{what:9} ", said)
        if behind := sum(one.why == GATE for one in self.findings):
            text.append(f"  {NOT_ASKED:9}  {behind} more, until the first is met")
        elif self.asked:
            text.append(f"Grade: {self.grade} of 100")
        if self.failed:
            text.append(f'For a nudge: report.hint("{self.failed[0]}"); each call says a little more')
        if self.read_again:
            text.append(f"To read again: lesson {', '.join(self.read_again)}")
        return "\n".join(text)


def wrapped(head, text):
    """The text behind a head, in lines that a notebook shows whole; further lines stand below the first."""
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, WIDTH - len(head)) or [""]]
    return [(" " * len(head) if number else head) + line for number, line in enumerate(lines)]
