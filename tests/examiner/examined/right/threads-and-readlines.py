# A thread per client; a file splits the stream into lines.
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line)


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
