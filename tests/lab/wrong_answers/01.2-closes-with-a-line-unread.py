# Misconception: a client has one line to say, so whatever comes after it is not read; and what is not read makes close() a reset.
# Fails: goes on
# Told: closed the connection after a line
import select
from socket import socket

listener = socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
while True:
    connection, peer = listener.accept()
    connection.sendall(connection.recv(1024).upper())
    select.select([connection], [], [])
    connection.close()
