# Misconception: the child is done when its client has left. Unless it exits, it continues in its parent's loop.
# Fails: reaping, descriptors, clean stop
# Told: a child does not end when its client has left
import contextlib
import os
import signal
from socket import create_server

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    if os.fork() == 0:
        with contextlib.suppress(ConnectionError):
            while data := connection.recv(4096):
                connection.sendall(data)
    connection.close()
