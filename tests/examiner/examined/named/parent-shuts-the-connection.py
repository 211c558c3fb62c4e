# Misconception: shutdown() before close() is the clean way. It ends the connection for the child, too.
# Fails: answers
# Told: the parent shuts the connection down
import os
import signal
import socket

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    waits, goes_on = os.pipe()  # makes the parent go first, in every run
    if os.fork() == 0:
        listener.close()
        os.close(goes_on)
        os.read(waits, 1)
        while data := connection.recv(4096):
            connection.sendall(data)
        os._exit(0)
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()
    os.close(waits)
    os.close(goes_on)
