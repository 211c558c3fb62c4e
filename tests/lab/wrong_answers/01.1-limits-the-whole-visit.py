# Misconception: the half second is for the whole visit, also of a client that talks all the time.
# Fails: is not too impatient
# Told: silent for 0.2 s
import time
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        with connection:
            end = time.monotonic() + 0.5
            try:
                connection.settimeout(0.5)
                while data := connection.recv(1024):
                    connection.sendall(data)
                    connection.settimeout(max(end - time.monotonic(), 0.001))
            except TimeoutError:
                pass
