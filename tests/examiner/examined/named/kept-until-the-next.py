# Misconception: the parent need not close what it does not use; the next accept() replaces the connection.
# Fails: half-close
# Told: nobody closes the connection
import contextlib
import os
import signal
from socket import create_server

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
server = create_server(("127.0.0.1", 0))
while True:
    connection, address = server.accept()
    if os.fork():
        continue
    with contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line)
    os._exit(0)
