# Misconception: the newline only marks the end of a line, so it need not be sent back.
# Fails: answers
# Told: the answer has no newline at its end
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line.rstrip(b"\n"))


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
