# Misconception: a child closes the listener, and is done when its client has left; but it continues into the loop.
# Fails: reaping
# Told: by a child that goes on into the loop
import os
import signal
import socket

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.create_server(("127.0.0.1", 0), backlog=128)
while True:
    connection, address = listener.accept()
    if os.fork() == 0:
        listener.close()
        with connection:
            for line in connection.makefile("rb"):
                if not line.endswith(b"\n"):
                    break
                try:
                    connection.sendall(line)
                except ConnectionError:
                    break
    else:
        connection.close()
