"""How a Python is led to us before it looks at its script: by its environment, which `at_start/sitecustomize.py` puts back.

So the interpreter itself runs the script, and there is nothing of us for it to see: no frame, no word of its command line.
"""

import os

SETTINGS = b"SERVERS_BOOTSTRAP"
AT_START = os.path.join(os.path.dirname(os.path.abspath(__file__)), "at_start").encode()


def environment(given: dict[bytes, bytes], role: str, *settings) -> dict[bytes, bytes]:
    """The environment of a Python that is to call `role` with these settings, as text, first: see sitecustomize.py."""
    path = given.get(b"PYTHONPATH")
    return {
        **given,
        b"PYTHONPATH": AT_START + (os.pathsep.encode() + path if path else b""),
        SETTINGS: os.fsencode("\n".join([role, *("" if setting in (None, False) else str(setting) for setting in settings)])),
    }
