# Misconception: what clients send is UTF-8 text.
# Fails: binary
# Told: bytes are taken for text
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("r", encoding="utf-8", newline="\n"):
            connection.sendall(line.encode())


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
