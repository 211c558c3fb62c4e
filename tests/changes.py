"""Programs written as their changes to another one, in a .diff: wrong answers to the exercises, and servers for the examiner."""

import re

HEAD = re.compile(r"\A(#.*\n)+")  # the comments at the top of a program


def program(path, known):
    """Return the program in a file. A .diff changes the one that "# Changes: ..." names: one of the known, or a file beside it.

    The changes are in the order of the program, separated by @@; lines with " " stay, with "-" go, with "+" are added.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".diff":
        return text
    head = HEAD.match(text)[0]
    what = re.search("^# Changes: (.*)$", head, re.MULTILINE)[1]
    rest = known[what] if what in known else HEAD.sub("", program(path.parent / what, known))
    changed = head
    for change in filter(None, text.removeprefix(head).split("@@\n")):
        lines = [line or " " for line in change.splitlines()]
        old, new = ("".join(f"{line[1:]}\n" for line in lines if line[0] in kept) for kept in (" -", " +"))
        assert rest.count(old) == 1, f"what {path.name} changes has {rest.count(old)} times {old!r}"
        before, _, rest = rest.partition(old)
        changed += before + new
    return changed + rest
