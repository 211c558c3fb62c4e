# Misconception: what is written to a file has been sent. It stays in a buffer, and what was read ahead is lost.
# Fails: answers
# Told: nobody flushes it
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        file = connection.makefile("rw", encoding="latin-1", newline="\n")
        for line in file:
            file.write(line)


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
