# Misconception: a socket that is ready for reading has a whole line. Waiting for the rest of it makes every client wait.
# Fails: silent, slow reader
# Told: the server waits for one client
import contextlib
import selectors
from socket import create_server

selector = selectors.DefaultSelector()
listener = create_server(("127.0.0.1", 0), backlog=100)
selector.register(listener, selectors.EVENT_READ)
rest = {}


def lines_of(connection):
    """At least one whole line, or nothing at the end."""
    data = rest.get(connection, b"")
    while b"\n" not in data and (piece := connection.recv(4096)):
        data += piece
    whole, newline, rest[connection] = data.rpartition(b"\n")
    return whole + newline


while True:
    for key, _ in selector.select():
        if key.fileobj is listener:
            connection, _ = listener.accept()
            selector.register(connection, selectors.EVENT_READ)
            continue
        lines = b""
        with contextlib.suppress(ConnectionError):
            lines = lines_of(key.fileobj)
            key.fileobj.sendall(lines)
        if not lines:
            selector.unregister(key.fileobj)
            rest.pop(key.fileobj, None)
            key.fileobj.close()
