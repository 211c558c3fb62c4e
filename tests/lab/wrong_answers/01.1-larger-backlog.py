# Misconception: a larger backlog lets the others in.
# Fails: gets rid of the silent
# Told: The server has not accepted this client yet
from socket import create_server

with create_server(("127.0.0.1", 0), backlog=1000) as listener:
    while True:
        connection, peer = listener.accept()
        with connection:
            while data := connection.recv(1024):
                connection.sendall(data)
