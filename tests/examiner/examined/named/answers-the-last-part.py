# Misconception: split() returns the lines. After the last newline, it returns one more part, an empty one.
# Fails: answers
# Told: split(b'\n') gives one part more than there are lines
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            for line in data.split(b"\n"):
                connection.sendall(line + b"\n")


server = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
