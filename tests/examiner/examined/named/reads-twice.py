# Misconception: readline() checks whether there is a line. It takes the line.
# Fails: answers
# Told: every second line is answered
import threading
from socket import create_server


def talk(connection):
    with connection, connection.makefile("rb") as lines:
        while lines.readline():
            connection.sendall(lines.readline())


listener = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=listener.accept()[:1], daemon=True).start()
