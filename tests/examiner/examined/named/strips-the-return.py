# Misconception: rstrip(b"\r\n") removes the end of a line. It removes any of these bytes, and \r belongs to the line.
# Fails: binary
# Told: a \r at the end of a line belongs to it
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line.rstrip(b"\r\n") + b"\n")


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
