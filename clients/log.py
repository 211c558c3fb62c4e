"""Values that a server prints in its log: a folder, a password."""

import re


def said(server, label, timeout=20):
    """Return what follows `label: ` in the server's log. Raise LookupError if it does not appear within `timeout` seconds."""
    line = re.compile(rf"^{label}: (.*)$", re.MULTILINE)
    with server.changed:
        server.changed.wait_for(lambda: line.search(server.log) or server.over, timeout)
    if found := line.search(server.log):
        return found[1]
    raise LookupError(f"{server.name} has not printed its {label} ({server.state}). print(server.log) shows what it did print.")
