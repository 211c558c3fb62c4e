# Misconception: a program that writes to a closed connection should end quietly, as `yes` does in `yes | head`.
# Fails: reset
# Told: SIGPIPE ended it
import contextlib
import signal
import threading
from socket import create_server

signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while piece := connection.recv(4096):
            connection.sendall(piece)


server = create_server(("127.0.0.1", 0))
while True:
    connection, address = server.accept()
    threading.Thread(target=talk, args=(connection,), daemon=True).start()
