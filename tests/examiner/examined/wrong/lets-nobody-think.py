# Misconception: a client that is silent for five seconds has left. It may need longer to think.
# Fails: patience
# Told: a timeout on the connection
import contextlib
import threading
from socket import create_server


def talk(connection):
    connection.settimeout(5)
    with connection, contextlib.suppress(ConnectionError, TimeoutError):
        while data := connection.recv(4096):
            connection.sendall(data)


server = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
