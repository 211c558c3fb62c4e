# Misconception: UDP needs listen() and accept() too.
# Fails: is udp
# Told: this is a TCP server
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        with connection:
            while data := connection.recv(1024):
                connection.sendall(data.upper())
