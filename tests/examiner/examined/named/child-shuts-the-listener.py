# Misconception: a socket that is not needed should be shut down. That ends it in every process that has it.
# Fails: answers
# Told: the listener was shut down
import os
import signal
import socket

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    if os.fork() == 0:
        listener.shutdown(socket.SHUT_RDWR)
        while data := connection.recv(4096):
            connection.sendall(data)
        os._exit(0)
    connection.close()
