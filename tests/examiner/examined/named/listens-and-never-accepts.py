# Misconception: listeners can be opened early, for workers that start when needed. Clients are distributed to their queues at once.
# Fails: concurrency
# Told: several listeners share the port
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line)


listener = create_server(("127.0.0.1", 0), reuse_port=True)
later = []
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
    if not later:
        later = [create_server(listener.getsockname(), reuse_port=True) for _ in range(5)]
