# Misconception: there is one signal for each child that ends. Signals of one kind do not queue.
# Fails: leaves no zombies
# Told: zombies, 0 other children
import os
import signal
from socket import create_server


def reap(signal_number, frame):
    os.waitpid(-1, os.WNOHANG)


signal.signal(signal.SIGCHLD, reap)

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        if os.fork() == 0:
            listener.close()
            while data := connection.recv(1024):
                connection.sendall(data)
            os._exit(0)
        connection.close()
