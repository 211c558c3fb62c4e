# Misconception: a line has no newline. A line from readline() has one, except perhaps the last.
# Fails: answers
# Told: an empty line follows each answer
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line + b"\n")


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
