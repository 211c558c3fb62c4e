# Misconception: who is here is noted under a lock; when the last one leaves, a method that takes the same lock is called.
# Fails: pieces
# Told: waits for something that does not come
import contextlib
import threading
from socket import create_server

lock = threading.Lock()
here = set()


def nobody_is_here():
    with lock:
        here.clear()


def talk(connection):
    with lock:
        here.add(connection)
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line)
    with lock:
        here.discard(connection)
        if not here:
            nobody_is_here()


server = create_server(("127.0.0.1", 0))
while True:
    connection, address = server.accept()
    threading.Thread(target=talk, args=(connection,), daemon=True).start()
