# Misconception: += is one step.
# Fails: state
# Told: two changed the number at once
import contextlib
import threading
from socket import create_server

counted = 0


def answer(line):
    global counted
    if line != b"count\n":
        return line
    counted += 1
    return b"%d\n" % counted


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(answer(line))


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
