# Misconception: a server speaks first, before each recv(). The client takes that for its answer.
# Fails: answers
# Told: something else comes before the answer
import threading
from socket import create_server


def talk(connection):
    with connection:
        while True:
            connection.sendall(b"What can I do for you?\n")
            if not connection.recv(1024):
                break


server = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
