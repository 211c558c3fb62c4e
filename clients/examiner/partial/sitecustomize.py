"""Python runs this before the server, when the examiner wants each send() to take only a part, as it may (send(2)).

Over loopback the buffers nearly always have room for all of it, so a server that never looks at what send() returns seems right.
A blocking send() is left alone: on Linux it waits until all has gone.
"""

import socket

PART = 1_000  # bytes, at most
whole = socket.socket.send


def send(self, data, *flags):
    return whole(self, data if self.gettimeout() is None else memoryview(data)[:PART], *flags)


socket.socket.send = send
