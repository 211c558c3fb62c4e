# Misconception: accept() waits for all clients, so one call is enough.
# Fails: goes on
# Told: Your server has exited with code 0
from socket import socket

listener = socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
connection, peer = listener.accept()
with connection:
    while data := connection.recv(1024):
        connection.sendall(data.upper())
