# Misconception: print() is how a program answers. It is for people at the terminal; the client gets only what send() sends.
# Fails: answers
# Told: received and printed
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            print(line.decode(), end="", flush=True)


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
