# Misconception: a connection is a question. A client may send many lines over one connection.
# Fails: answers
# Told: the server answers once for each connection
import threading
from socket import create_server


def talk(connection):
    with connection:
        connection.sendall(connection.makefile("rb").readline())


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
