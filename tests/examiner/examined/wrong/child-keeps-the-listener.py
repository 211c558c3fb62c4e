# Misconception: a child that never accepts may keep the listener. But then the port outlives the server.
# Fails: clean stop
# Told: a child or a worker still holds the listener when the parent has ended
import os
import signal
from socket import create_server

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    if os.fork() == 0:
        try:
            while data := connection.recv(4096):
                connection.sendall(data)
        finally:
            os._exit(0)
    connection.close()
