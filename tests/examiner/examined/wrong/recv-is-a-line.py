# Misconception: one recv() returns one line, or several whole lines.
# Fails: pieces, long line, half-close, silent, all of it
# Told: each recv() is taken for a line. TCP keeps no messages apart
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            for line in data.removesuffix(b"\n").split(b"\n"):
                connection.sendall(line + b"\n")


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
