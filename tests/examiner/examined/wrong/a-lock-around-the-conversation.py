# Misconception: what uses a shared number has to be under the lock, all of it.
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
