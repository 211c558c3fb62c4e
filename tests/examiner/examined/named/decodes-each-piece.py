# Misconception: recv() returns whole characters. A character that is cut in two is not valid text on either side of the cut.
# Fails: pieces
# Told: each piece is decoded on its own
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            connection.sendall(data.decode(errors="ignore").encode())


server = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
