# Misconception: code under a lock may call any function. This one takes the same lock when a client leaves.
# Fails: pieces
# Told: waits for something that does not come
import contextlib
import threading
import time
from socket import create_server

lock = threading.Lock()
spoke = {}


def forget(connection):
    with lock:
        spoke.pop(connection, None)


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            with lock:
                spoke[connection] = time.monotonic()
            connection.sendall(line)
    with lock:
        if connection in spoke:
            forget(connection)


server = create_server(("127.0.0.1", 0))
while True:
    connection, address = server.accept()
    threading.Thread(target=talk, args=(connection,), daemon=True).start()
