# Misconception: continue only skips to the next line. It skips the release of the lock as well.
# Fails: joined
# Told: waits for something that does not come
import contextlib
import threading
from socket import create_server

lock = threading.Lock()
lines_so_far = 0


def talk(connection):
    global lines_so_far
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line)
            lock.acquire()
            if line == b"\n":
                continue
            lines_so_far += 1
            lock.release()


server = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
