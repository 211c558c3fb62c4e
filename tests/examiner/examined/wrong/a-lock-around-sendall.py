# Misconception: a lock makes sending safe, and is held only briefly. sendall() waits for a client that does not read.
# Fails: slow reader
# Told: or during a send() to a client that does not read
import contextlib
import threading
from socket import create_server

lock = threading.Lock()


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            with lock:
                connection.sendall(data)


server = create_server(("127.0.0.1", 0))
while True:
    connection, address = server.accept()
    threading.Thread(target=talk, args=(connection,), daemon=True).start()
