# Misconception: when the child closes the connection, it is closed. The parent's copy keeps it open.
# Fails: ends the connection
# Told: some process still holds the connection open
import os
import signal
from socket import create_server

guests = []
signal.signal(signal.SIGCHLD, signal.SIG_IGN)

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        guests.append(connection)
        if os.fork() == 0:
            listener.close()
            while data := connection.recv(1024):
                connection.sendall(data)
            connection.close()
            os._exit(0)
