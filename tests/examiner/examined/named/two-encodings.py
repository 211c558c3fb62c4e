# Misconception: any encoding will do for decoding and encoding. It must be the same one.
# Fails: binary
# Told: decoded with one encoding and encoded with another
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line.decode("latin-1").encode())


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
