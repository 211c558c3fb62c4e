# Misconception: if every connection is closed after the first answer, no client can fall silent later.
# Fails: is not too impatient
# Told: expected 'still here'
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        with connection:
            data = connection.recv(1024)
            connection.sendall(data)
