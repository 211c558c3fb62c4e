# Misconception: who breaks off leaves nothing behind. The descriptor stays: only close() gives it back.
# Fails: descriptors
# Told: connections that broke off are never closed
import contextlib
import threading
from socket import create_server

guests = set()


def talk(connection):
    guests.add(connection)
    with contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            connection.sendall(data)
        guests.remove(connection)
        connection.close()


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
