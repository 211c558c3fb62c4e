# Misconception: a port is free as soon as its server has ended. Its connections are in TIME_WAIT.
# Fails: clean stop
# Told: connections of the last run are in TIME_WAIT
import contextlib
import sys
import threading
from socket import socket


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            connection.sendall(data)


listener = socket()
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen()
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
