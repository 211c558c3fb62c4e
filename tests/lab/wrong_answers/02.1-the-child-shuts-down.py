# shutdown() in the child shows the client its end, but the parent still holds the last connection, until the next client comes.
# Fails: holds no connection
# Told: still holds 1 connection.
import os
import signal
from socket import SHUT_RDWR, create_server

signal.signal(signal.SIGCHLD, signal.SIG_IGN)

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        if os.fork() == 0:
            listener.close()
            while data := connection.recv(1024):
                connection.sendall(data)
            connection.shutdown(SHUT_RDWR)
            os._exit(0)
