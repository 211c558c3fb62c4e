# Misconception: a thread that was started has to be joined. join() waits until the guest has left: the loop model again.
# Fails: greets the last first
# Told: waits for the thread that serves
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
        guest = threading.Thread(target=talk, args=(connection,), daemon=True)
        guest.start()
        guest.join()
