# Misconception: a client sends one line, so one recv() serves it.
# Fails: goes on
# Told: closed the connection after a line
from socket import socket

listener = socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
while True:
    connection, peer = listener.accept()
    connection.sendall(connection.recv(1024).upper())
    connection.close()
