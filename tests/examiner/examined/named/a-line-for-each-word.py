# Misconception: split() splits at the newlines. It splits at the blanks, too.
# Fails: answers
# Told: cuts at each blank
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            for line in data.split():
                connection.sendall(line + b"\n")


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
