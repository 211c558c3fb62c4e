# Misconception: all code that uses a shared number must be under the lock.
# Fails: concurrency, silent, slow reader
# Told: it is held for a whole conversation
import contextlib
import threading
from socket import create_server

lock = threading.Lock()
number = 0


def talk(connection):
    global number
    with lock, connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            if line.strip() == b"count":
                number += 1
                line = b"%d\n" % number
            connection.sendall(line)


server = create_server(("127.0.0.1", 0))
while True:
    connection, address = server.accept()
    threading.Thread(target=talk, args=(connection,), daemon=True).start()
