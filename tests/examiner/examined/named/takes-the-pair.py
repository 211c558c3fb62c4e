# Misconception: accept() returns the connection.
# Fails: answers
# Told: accept() returns a pair
import threading
from socket import create_server


def talk(connection):
    for line in connection.makefile("rb"):
        connection.sendall(line)


listener = create_server(("127.0.0.1", 0))
while True:
    connection = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
