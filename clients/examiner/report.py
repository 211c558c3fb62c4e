"""The findings of an examination, and how they are printed."""

import textwrap
from typing import NamedTuple

from clients.examiner.requirements import UNKNOWN, NotMet, Requirement, tell_hint

MET, NOT_MET, NOT_ASKED = "met", "not met", "not asked"
WIDTH = 92  # columns
GATE = "until the first is met"
GATES = {  # {requirement, or kind of evidence: what must be fixed before further answers mean anything}
    "late": "until it answers without a pause",
    "left alone": "until it can be left alone",
    "foreign": "until each client gets its own answers",
    "nobody listens": "until somebody listens there, whoever comes and goes",
    "ended twice": "until it runs on when clients leave",
}


class Finding(NamedTuple):
    """The result for one requirement."""

    requirement: Requirement
    verdict: str  # MET, NOT_MET, NOT_ASKED
    problem: NotMet | None = None
    said: str = ""  # the last output of a server that failed: how it ended, its last error
    why: str = ""  # why it was not asked

    @property
    def diagnosis(self):
        """What it means that the requirement is not met."""
        return self.problem.diagnosis.or_else(self.requirement.usual) if self.problem else UNKNOWN

    @property
    def told(self):
        """One text about a requirement that is not met: the evidence, the server's own output, the likely mistake."""
        likely = self.diagnosis.mistake and f"likely: {self.diagnosis.mistake}"
        return "\n".join(filter(None, [str(self.problem), self.said, likely])) if self.problem else ""

    @property
    def lines(self):
        """The same as (label, text) pairs."""
        if self.problem:
            yield from self.problem.evidence
            if self.said:
                yield "the log", self.said
            if self.diagnosis.mistake:
                yield "likely", self.diagnosis.mistake
        if self.why:
            yield "because", self.why


class Report:
    """The result of an examination; prints line by line. `report["framing"]` is the Finding of that requirement."""

    def __init__(self, title, findings=()):
        self.title, self.findings = title, list(findings)
        self._given = {}  # {name: hints already given}

    @property
    def asked(self):
        return [finding for finding in self.findings if finding.verdict != NOT_ASKED]

    @property
    def failed(self):
        """The names of the requirements that are not met."""
        return [finding.requirement.name for finding in self.findings if finding.verdict == NOT_MET]

    @property
    def met(self):
        """How many requirements are met."""
        return sum(finding.verdict == MET for finding in self.findings)

    @property
    def passed(self):
        """Whether something was asked, and all of it is met."""
        return bool(self.asked) and not self.failed

    @property
    def grade(self):
        """The percentage of requirements that are met; those that must wait until another one is fixed count as asked."""
        asked = [finding for finding in self.findings if finding.verdict != NOT_ASKED or finding.why in (GATE, *GATES.values())]
        return round(100 * self.met / len(asked)) if asked else 0

    @property
    def read_again(self):
        """The numbers of the lessons about these mistakes."""
        return sorted({number for finding in self.findings for number in finding.diagnosis.read})

    def __getitem__(self, name):
        for finding in self.findings:
            if finding.requirement.name == name:
                return finding
        raise LookupError(
            f"there is no requirement {name!r}; there are: {', '.join(finding.requirement.name for finding in self.findings)}"
        )

    def hint(self, name):
        """Print the next hint for a requirement that is not met, the gentlest first."""
        finding = self[name]
        if finding.verdict != NOT_MET:
            return print(f"{name} is {finding.verdict}: no hint is needed.")
        given = self._given.setdefault(name, [])
        read = finding.diagnosis.read
        tell_hint(finding.diagnosis.hints, given, f"Read lesson {' and '.join(read)} again." if read else "")

    def __repr__(self):
        behind = []
        text = [f"{self.title}: {self.met} of {len(self.asked)} requirements are met"]
        width = max((len(finding.requirement.name) for finding in self.findings), default=0)
        for finding in self.findings:
            if finding.why in (GATE, *GATES.values()):
                behind.append(finding.why)
                continue
            text += wrapped(f"  {finding.verdict:9}  {finding.requirement.name:{width}}  ", finding.requirement.sentence)
            for what, said in finding.lines:
                text += wrapped(f"{'':13}{what:9} ", said)
        if behind:
            text.append(f"  {NOT_ASKED:9}  {len(behind)} more, {behind[0]}")
        elif self.asked:
            text.append(f"Grade: {self.grade} of 100")
        if self.failed:
            text.append(f'For a nudge: report.hint("{self.failed[0]}"); each call says a little more')
        if self.read_again:
            text.append(f"To read again: lesson {', '.join(self.read_again)}")
        return "\n".join(text)


def wrapped(head, text):
    """Wrap a text behind a head to lines that fit a notebook, with the further lines indented below the first."""
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, WIDTH - len(head)) or [""]]
    return [(" " * len(head) if number else head) + line for number, line in enumerate(lines)]
