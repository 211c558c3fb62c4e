# Misconception: who does not read at once is gone.
# Fails: gives large files whole
# Told: a part of it came, and then the end of the connection
from contextlib import suppress
from socket import create_server
from threading import Thread


def serve(connection):
    connection.settimeout(0.2)
    with suppress(OSError), connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b"x" * int(line) + b"\n")


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        Thread(target=serve, args=(connection,), daemon=True).start()
