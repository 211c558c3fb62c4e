"""Python runs this before the server, when the examiner wants a timeout on a socket to be over soon: in a tenth of its time,
or as much sooner as SHORTER says in the environment.

Who sets one for connecting alone, and leaves it on the connection, seems right until somebody is silent for longer.
"""

import os
import socket

SHORTER = float(os.environ.pop("SHORTER", 10))
in_full, by_default_in_full = socket.socket.settimeout, socket.setdefaulttimeout


def settimeout(self, seconds):
    in_full(self, seconds and seconds / SHORTER)


def setdefaulttimeout(seconds):
    by_default_in_full(seconds and seconds / SHORTER)


socket.socket.settimeout = settimeout  # type: ignore[method-assign]
socket.setdefaulttimeout = setdefaulttimeout
