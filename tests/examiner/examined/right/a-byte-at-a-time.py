# A thread per client that reads a byte at a time: slow, but right.
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while byte := connection.recv(1):
            connection.sendall(byte)


listener = create_server(("127.0.0.1", 0), backlog=100)
while True:
    threading.Thread(target=talk, args=listener.accept()[:1], daemon=True).start()
