# Misconception: recv() waits until something comes, even when the client has left.
# Fails: left alone
# Told: the client has left, but the server keeps reading from it
import contextlib
import threading
from socket import create_server


def talk(connection):
    with contextlib.suppress(ConnectionError):
        while True:
            data = connection.recv(4096)
            if data:
                connection.sendall(data)


server = create_server(("127.0.0.1", 0))
while True:
    connection, address = server.accept()
    threading.Thread(target=talk, args=(connection,), daemon=True).start()
