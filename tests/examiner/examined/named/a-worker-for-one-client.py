# Misconception: a pool has enough workers for all clients. Each of these serves one, and ends.
# Fails: concurrency
# Told: a worker ends when its client has left
import contextlib
import queue
import threading
from socket import create_server

waiting = queue.Queue()


def work():
    connection = waiting.get()
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line)


for _ in range(6):
    threading.Thread(target=work, daemon=True).start()
listener = create_server(("127.0.0.1", 0))
while True:
    waiting.put(listener.accept()[0])
