# Misconception: a recv() that returns nothing means that the client pauses, so ask again a little later.
# Fails: goes on
# Told: it ignores that recv() returned b''
from socket import socket
from time import sleep

listener = socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
while True:
    connection, peer = listener.accept()
    while True:
        data = connection.recv(1024)
        connection.sendall(data.upper())
        if not data:
            sleep(0.1)
