# Misconception: a loop around accept() serves many clients. It does, one after another.
# Fails: concurrency, silent, slow reader
# Told: clients are served one after another
import contextlib
from socket import create_server

listener = create_server(("127.0.0.1", 0), backlog=100)
while True:
    connection, _ = listener.accept()
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            connection.sendall(data)
