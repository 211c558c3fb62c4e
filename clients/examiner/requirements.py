"""A requirement, the evidence that it is not met, and the diagnosis."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

ONE_LINE = 72  # columns: evidence up to this length goes on one line


class Diagnosis(NamedTuple):
    """What it means that a requirement is not met."""

    mistake: str = ""  # the likely mistake, in a sentence
    hints: tuple = ()  # the gentlest first
    read: tuple = ()  # numbers of the lessons about it, the most helpful first

    def or_else(self, usual):
        """Return this Diagnosis, with its empty fields taken from the usual one."""
        return Diagnosis(self.mistake or usual.mistake, self.hints or usual.hints, self.read or usual.read)


UNKNOWN = Diagnosis()


class NotMet(Exception):
    """A requirement is not met: what was sent, what was expected, what came; or one sentence about all three.

    diagnosis   a more specific Diagnosis than the usual one, or only its sentence
    kind        the kind of answer that came, a key of peers.KINDS
    """

    def __init__(self, sent, expected="", came="", diagnosis="", kind=""):
        super().__init__(f"sent {sent}, expected {expected}, got {came}" if expected else sent)
        self.sent, self.expected, self.came = sent, expected, came
        self.diagnosis = diagnosis if isinstance(diagnosis, Diagnosis) else Diagnosis(diagnosis)
        self.kind = kind
        self.at_rest = None  # the length of the server's log when this was seen, if the server was running but idle

    @property
    def evidence(self):
        """What was seen, as (label, text) pairs."""
        return [("sent", self.sent), ("expected", self.expected), ("got", self.came)] if self.expected else [("seen", self.sent)]

    def __str__(self):
        """The evidence, on one line if it fits."""
        one_line = super().__str__()
        if not self.expected or len(one_line) <= ONE_LINE:
            return one_line
        return "\n".join(f"{what} {text}" for what, text in self.evidence)


class NotAsked(Exception):
    """A requirement does not apply to this server; the message says why."""


class Requirement(NamedTuple):
    """A sentence that must be true of a server, the function that tests it, and what it means if it is not."""

    name: str
    sentence: str
    examine: Callable  # raises NotMet, NotAsked. It may be a coroutine function
    usual: Diagnosis = UNKNOWN  # the usual meaning
    when: Mapping = MappingProxyType({})  # {kind of what came: its Diagnosis}

    @classmethod
    def of(cls, function, name=None, usual=UNKNOWN, when=MappingProxyType({})):
        """Make a Requirement from a function: its docstring is the sentence, its name the name."""
        return cls(name or function.__name__.replace("_", " "), " ".join(function.__doc__.split()), function, usual, when)


def requirement(name, mistake, hints, read=(), when=MappingProxyType({})):
    """Decorate a function to make it a Requirement, with its usual Diagnosis."""
    return lambda function: Requirement.of(function, name, Diagnosis(mistake, tuple(hints), tuple(read)), when)


def tell_hint(hints, given, afterwards):
    """Print the first hint that has not been given yet, and add it to `given`; print `afterwards` if none is left."""
    left = [hint for hint in dict.fromkeys(hints) if hint not in given]
    if not left:
        return print(f"That was the last hint. {afterwards}".rstrip())
    print(f"Hint {len(given) + 1} of {len(given) + len(left)}: {left[0]}")
    given.append(left[0])
