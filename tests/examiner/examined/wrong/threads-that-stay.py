# Misconception: a thread with nothing more to do costs nothing.
# Fails: reaping
# Told: a thread does not end when its client has left
import contextlib
import threading
from socket import create_server

over = threading.Event()  # never set


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            connection.sendall(data)
    over.wait()


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
