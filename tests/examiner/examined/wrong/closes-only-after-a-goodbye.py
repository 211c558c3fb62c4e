# Misconception: every client says goodbye. The connection of one that breaks off is never closed.
# Fails: descriptors
# Told: connections that broke off are never closed
import threading
from socket import create_server

guests = []


def talk(connection):
    try:
        while data := connection.recv(4096):
            connection.sendall(data)
        guests.remove(connection)
        connection.close()
    except ConnectionError:
        pass


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    guests.append(connection)
    threading.Thread(target=talk, args=[connection], daemon=True).start()
