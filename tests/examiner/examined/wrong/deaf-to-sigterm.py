# Misconception: a server must not be interrupted, so it ignores the signal.
# Fails: clean stop
# Told: the signal is caught or ignored
import contextlib
import signal
import threading
from socket import create_server

signal.signal(signal.SIGTERM, signal.SIG_IGN)


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            connection.sendall(data)


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
