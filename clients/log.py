"""What a server says about itself in its log: a folder, a password."""

import re


def said(server, label, timeout=20):
    """Return what stands behind `label: ` in the server's log. Raises LookupError when it has not come within `timeout` seconds."""
    line = re.compile(rf"^{label}: (.*)$", re.MULTILINE)
    with server.changed:
        server.changed.wait_for(lambda: line.search(server.log) or server.over, timeout)
    if found := line.search(server.log):
        return found[1]
    raise LookupError(f"{server.name} has not said its {label} ({server.state}). print(server.log) shows what it did say.")
