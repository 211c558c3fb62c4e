# Misconception: target=talk(connection) hands over the work. It calls talk now, in the main thread, and hands over its result.
# Fails: greets the last first
# Told: before the thread is made
import threading
from socket import create_server

number = 0


def talk(connection):
    global number
    number += 1
    mine = number
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b"guest %d: %b" % (mine, line))


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        threading.Thread(target=talk(connection), daemon=True).start()
