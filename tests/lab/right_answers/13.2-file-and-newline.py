# Two calls for each answer: the newline of a small file arrives separately.
from contextlib import suppress
from socket import create_server
from threading import Thread


def serve(connection):
    with suppress(OSError), connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b"x" * int(line))
            connection.sendall(b"\n")


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        Thread(target=serve, args=(connection,), daemon=True).start()
