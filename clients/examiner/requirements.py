"""What a requirement is, what is seen of one that is not met, and what that means."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

ONE_LINE = 72  # columns: evidence that is not longer stands on one line


class Diagnosis(NamedTuple):
    """What it means that a requirement is not met."""

    mistake: str = ""  # the likely one, in a sentence
    hints: tuple = ()  # the gentlest first
    read: tuple = ()  # numbers of the lessons whose subject it is, in the order in which they help

    def or_else(self, usual):
        """This, with what it leaves open taken from the usual one."""
        return Diagnosis(self.mistake or usual.mistake, self.hints or usual.hints, self.read or usual.read)


UNKNOWN = Diagnosis()


class NotMet(Exception):
    """A requirement is not met: what was sent, what was expected, what came; or one sentence that tells all of it.

    diagnosis   what this means, where it is known better than what it usually means: a Diagnosis, or its sentence alone
    kind        of what came, a word of peers.KINDS
    """

    def __init__(self, sent, expected="", came="", diagnosis="", kind=""):
        super().__init__(f"sent {sent}, expected {expected}, got {came}" if expected else sent)
        self.sent, self.expected, self.came = sent, expected, came
        self.diagnosis = diagnosis if isinstance(diagnosis, Diagnosis) else Diagnosis(diagnosis)
        self.kind = kind
        self.at_rest = None  # the length of the server's log, of a server that ran and did nothing when this was seen

    @property
    def evidence(self):
        """What was seen, as (what, text) pairs."""
        return [("sent", self.sent), ("expected", self.expected), ("got", self.came)] if self.expected else [("seen", self.sent)]

    def __str__(self):
        """The evidence: on one line where there is room."""
        one_line = super().__str__()
        if not self.expected or len(one_line) <= ONE_LINE:
            return one_line
        return "\n".join(f"{what} {text}" for what, text in self.evidence)


class NotAsked(Exception):
    """A requirement does not apply to this server; the text says why."""


class Requirement(NamedTuple):
    """A sentence that a server has to make true, how that is tried, and what it means when it does not."""

    name: str
    sentence: str
    examine: Callable  # raises NotMet, NotAsked. It may be a coroutine function
    usual: Diagnosis = UNKNOWN  # what it mostly means
    when: Mapping = MappingProxyType({})  # kind of what came -> what it means then

    @classmethod
    def of(cls, function, name=None, usual=UNKNOWN, when=MappingProxyType({})):
        """A Requirement made of a function: its docstring is the sentence, its name the name."""
        return cls(name or function.__name__.replace("_", " "), " ".join(function.__doc__.split()), function, usual, when)


def requirement(name, mistake, hints, read=(), when=MappingProxyType({})):
    """Make a Requirement of a function, with what it means when it is not met."""
    return lambda function: Requirement.of(function, name, Diagnosis(mistake, tuple(hints), tuple(read)), when)


def tell_hint(hints, given, afterwards):
    """Print the first hint that is not among those given, and add it to them; `afterwards` when none is left."""
    left = [hint for hint in dict.fromkeys(hints) if hint not in given]
    if not left:
        return print(f"That was the last hint. {afterwards}".rstrip())
    print(f"Hint {len(given) + 1} of {len(given) + len(left)}: {left[0]}")
    given.append(left[0])
