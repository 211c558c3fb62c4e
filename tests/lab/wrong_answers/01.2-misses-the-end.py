# Misconception: recv() says nothing when a client leaves; it returns empty bytes, again and again.
# Fails: goes on
# Told: it is busy with another
from socket import socket

listener = socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
while True:
    connection, peer = listener.accept()
    while True:
        connection.sendall(connection.recv(1024).upper())
