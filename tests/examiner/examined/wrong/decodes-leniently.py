# Misconception: errors="replace" turns any bytes into text and back. It changes them.
# Fails: binary
# Told: bytes are taken for text
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line.decode(errors="replace").encode())


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
