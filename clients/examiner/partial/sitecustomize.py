"""Python runs this before the server, to make each send() take only a part of the data, as it is allowed to (send(2)).

On loopback, the buffers nearly always have room for everything, so a server that ignores the result of send() seems right.
A blocking send() is left alone: on Linux it waits until everything has been sent.
"""

import socket

PART = 1_000  # the maximum number of bytes for one send()
whole = socket.socket.send


def send(self, data, *flags):
    return whole(self, data if self.gettimeout() is None else memoryview(data)[:PART], *flags)


socket.socket.send = send
