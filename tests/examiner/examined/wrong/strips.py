# Misconception: strip() removes the newline. It removes blanks, too, and they belong to the line.
# Fails: joined, binary
# Told: blanks belong to a line
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line.strip() + b"\n")


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
