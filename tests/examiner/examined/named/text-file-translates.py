# Misconception: a text file returns the lines as they came. It turns each \r into a newline.
# Fails: binary
# Told: or by a text file
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("r", encoding="utf-8", errors="surrogateescape"):
            connection.sendall(line.encode(errors="surrogateescape"))


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
