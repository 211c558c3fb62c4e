# Misconception: a client has one line to say, so one recv() serves it.
# Told: not yet  the conversation goes on
from socket import socket

listener = socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
while True:
    connection, peer = listener.accept()
    connection.sendall(connection.recv(1024).upper())
    connection.close()
