# Misconception: shutdown() closes a socket. The client sees the end; the descriptor stays.
# Fails: descriptors
# Told: shutdown() ends the conversation, but only close() gives the descriptor back
import contextlib
import threading
from socket import SHUT_RDWR, create_server

guests = []


def talk(connection):
    with contextlib.suppress(OSError):
        while data := connection.recv(4096):
            connection.sendall(data)
        connection.shutdown(SHUT_RDWR)


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    guests.append(connection)
    threading.Thread(target=talk, args=[connection], daemon=True).start()
