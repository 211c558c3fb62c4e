"""Programs written as their changes to another one, in a .diff: wrong answers to the exercises, and servers for the examiner."""

import re

HEAD = re.compile(r"\A(#.*\n)+")  # the comments at the top of a program


def changed(text, known, folder):
    """Return the program that a .diff makes from the one that "# Changes: ..." names: one of the known, or a file in the folder.

    The changes are in the order of the program, separated by @@; lines with " " stay, with "-" go, with "+" are added.
    """
    head = HEAD.match(text)[0]
    what = re.search("^# Changes: (.*)$", head, re.MULTILINE)[1]
    rest = known[what] if what in known else HEAD.sub("", (folder / what).read_text(encoding="utf-8"))
    program = head
    for change in filter(None, text.removeprefix(head).split("@@\n")):
        lines = [line or " " for line in change.splitlines()]
        old, new = ("".join(f"{line[1:]}\n" for line in lines if line[0] in kept) for kept in (" -", " +"))
        assert rest.count(old) == 1, f"what changes has {rest.count(old)} times {old!r}:\n{text}"
        before, _, rest = rest.partition(old)
        program += before + new
    return program + rest
