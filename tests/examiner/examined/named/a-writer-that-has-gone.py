# Misconception: the writer empties the queue in any case. When its client breaks off it has gone, and the reader waits for room.
# Fails: descriptors
# Told: connections that broke off are never closed
import contextlib
import queue
import threading
from socket import create_server


def write(connection, answers):
    with contextlib.suppress(ConnectionError):
        while line := answers.get():
            connection.sendall(line)


def talk(connection):
    answers = queue.Queue(10)
    threading.Thread(target=write, args=(connection, answers), daemon=True).start()
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            answers.put(line)
    answers.put(b"")


server = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
