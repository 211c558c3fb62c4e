# Misconception: a client sends its next line only after its answer. Everything after the first newline is forgotten.
# Fails: joined, half-close, all of it
# Told: only the first line of a piece is answered
import contextlib
import threading
from socket import create_server


def talk(connection):
    pending = b""
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            pending += data
            if b"\n" in pending:
                line, _, _ = pending.partition(b"\n")
                connection.sendall(line + b"\n")
                pending = b""


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
