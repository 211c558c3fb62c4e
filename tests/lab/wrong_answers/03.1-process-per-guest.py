# Misconception: a process is as good. Each child counts in a copy of its own, and every guest is number 1.
# Fails: numbers go on
# Told: three guests came, and were told 1, 1, 1
import multiprocessing
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
        multiprocessing.get_context("fork").Process(target=talk, args=(connection,), daemon=True).start()
        connection.close()
