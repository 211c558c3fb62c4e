# Misconception: listen(1) is for one client at a time. It says how many may wait before accept() takes them.
# Fails: concurrency
# Told: the queue in front of the server is too short
import contextlib
import threading
from socket import socket


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            connection.sendall(data)


server = socket()
server.bind(("127.0.0.1", 0))
server.listen(1)
while True:
    threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
