# Misconception: every slot is given back at the end of the conversation. A client that breaks off never gets to that line.
# Fails: reset
# Told: clients are not served any more since some have broken off
import threading
from socket import create_server

slots = threading.Semaphore(12)


def talk(connection):
    with connection:
        for line in connection.makefile("rb"):
            connection.sendall(line)
    slots.release()


server = create_server(("127.0.0.1", 0))
while slots.acquire():
    threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
