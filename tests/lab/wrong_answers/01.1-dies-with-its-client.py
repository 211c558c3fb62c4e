# Misconception: a timeout ends the loop; the exception leaves `while True`, and the server with it.
# Fails: gets rid of the silent
# Told: TimeoutError: timed out
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        with connection:
            connection.settimeout(2.5)
            while data := connection.recv(1024):
                connection.sendall(data)
