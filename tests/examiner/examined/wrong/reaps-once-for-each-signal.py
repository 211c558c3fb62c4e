# Misconception: there is a SIGCHLD for each child. One signal may stand for several.
# Fails: reaping
# Told: a child that has ended stays as a zombie until its parent asks for its exit status
import os
import signal
from socket import create_server

signal.signal(signal.SIGCHLD, lambda *_: os.waitpid(-1, os.WNOHANG))
listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    if os.fork() == 0:
        try:
            listener.close()
            while data := connection.recv(4096):
                connection.sendall(data)
        finally:
            os._exit(0)
    connection.close()
