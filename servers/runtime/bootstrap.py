"""Make a Python run our code before its script, by means of its environment, which `at_start/sitecustomize.py` then restores.

The interpreter itself runs the script, so the script sees no trace of us: no frame, no word on its command line.
"""

import os

SETTINGS = b"SERVERS_BOOTSTRAP"
AT_START = os.path.join(os.path.dirname(os.path.abspath(__file__)), "at_start").encode()


def environment(given: dict[bytes, bytes], role: str, *settings) -> dict[bytes, bytes]:
    """Return the environment in which a Python first calls `role` with these settings, passed as text: see sitecustomize.py."""
    path = given.get(b"PYTHONPATH")
    return {
        **given,
        b"PYTHONPATH": AT_START + (os.pathsep.encode() + path if path else b""),
        SETTINGS: os.fsencode("\n".join([role, *("" if setting in (None, False) else str(setting) for setting in settings)])),
    }
