# Misconception: a connection closes by itself when its thread ends. Nobody closes it, and the list keeps it open for ever.
# Fails: lets a guest go
# Told: some process still holds the connection open
import threading
from socket import create_server

number = 0
guests = []


def talk(connection):
    global number
    number += 1
    mine = number
    lines = connection.makefile("rb")
    for line in lines:
        connection.sendall(b"guest %d: %b" % (mine, line))


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        guests.append(connection)
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
