# Misconception: accept() waits for all clients; one call of it is enough.
# Told: not yet  the conversation goes on
from socket import socket

listener = socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
connection, peer = listener.accept()
with connection:
    while data := connection.recv(1024):
        connection.sendall(data.upper())
