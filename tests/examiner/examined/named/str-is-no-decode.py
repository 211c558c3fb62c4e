# Misconception: str() turns bytes into their text.
# Fails: answers
# Told: str() of bytes gives Python's notation
import threading
from socket import create_server


def talk(connection):
    with connection:
        for line in connection.makefile("rb"):
            connection.sendall(str(line).encode() + b"\n")


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
