# Misconception: send() sends all of it.
# Fails: gives large files whole
# Told: a part of it came, and then nothing
from contextlib import suppress
from socket import create_server
from threading import Thread


def serve(connection):
    connection.settimeout(60)
    with suppress(OSError), connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.send(b"x" * int(line) + b"\n")


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        Thread(target=serve, args=(connection,), daemon=True).start()
