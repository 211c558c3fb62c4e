"""Python runs this before the server, when the examiner wants a time-out on a socket to be over soon: in a tenth of its time.

Who sets one for connecting alone, and leaves it on the connection, seems right until somebody is silent for longer.
"""

import socket

SHORTER = 10
in_full = socket.socket.settimeout


def settimeout(self, seconds):
    in_full(self, seconds and seconds / SHORTER)


socket.socket.settimeout = settimeout  # type: ignore[method-assign]
