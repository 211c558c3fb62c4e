# Misconception: run() runs the thread. It runs the function in the caller's thread; only start() makes a new one.
# Fails: greets the last first
# Told: run() runs the function in the thread that calls it
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
        threading.Thread(target=talk, args=(connection,), daemon=True).run()
