# Misconception: the child closes the connection, so it is closed. The parent still holds a copy.
# Fails: half-close, descriptors
# Told: the parent never closes its copy of the connection
import os
import signal
from socket import create_server

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = create_server(("127.0.0.1", 0))
guests = []
while True:
    connection, _ = listener.accept()
    guests.append(connection)
    if os.fork() == 0:
        try:
            listener.close()
            while data := connection.recv(4096):
                connection.sendall(data)
        finally:
            os._exit(0)
