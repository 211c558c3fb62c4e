# Misconception: hang up on everybody after the first answer, and nobody can be silent; but who is silent first still holds the loop.
# Fails: gets rid of the silent
# Told: The server has not accepted this client yet
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        with connection:
            data = connection.recv(1024)
            connection.sendall(data)
