# Misconception: an answer is for people to read, so it explains the number. The other side is a program.
# Fails: state
# Told: `count` is not answered
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            if line == b"count\n":
                line = b"count: 1\n"
            if line:
                connection.sendall(line)


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
