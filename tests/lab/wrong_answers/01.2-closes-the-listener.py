# Misconception: the listener belongs to one client, as its connection does, and is closed with it.
# Fails: goes on
# Told: Bad file descriptor
from socket import socket

listener = socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
while True:
    connection, peer = listener.accept()
    while data := connection.recv(1024):
        connection.sendall(data.upper())
    connection.close()
    listener.close()
