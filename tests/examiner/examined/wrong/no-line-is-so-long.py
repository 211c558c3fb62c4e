# Misconception: readline(8192) reads a line. It reads 8,192 bytes of it.
# Fails: long line
# Told: there is a limit to what one recv() or readline() gives
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        lines = connection.makefile("rb")
        while line := lines.readline(8192):
            connection.sendall(line.removesuffix(b"\n") + b"\n")


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
