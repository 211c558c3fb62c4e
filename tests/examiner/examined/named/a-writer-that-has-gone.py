# Misconception: the writer takes its time. After its client broke off it is gone, and the reader waits forever for room in the queue.
# Fails: descriptors
# Told: connections that broke off are never closed
import contextlib
import queue
import threading
import time
from socket import create_server


def write(connection, answers):
    with contextlib.suppress(ConnectionError):
        while line := answers.get():
            time.sleep(0.001)
            connection.sendall(line)


def talk(connection):
    answers = queue.Queue(1)
    writer = threading.Thread(target=write, args=(connection, answers), daemon=True)
    writer.start()
    with connection:
        with contextlib.suppress(ConnectionError):
            for line in connection.makefile("rb"):
                answers.put(line)
        answers.put(b"")
        writer.join()


server = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
