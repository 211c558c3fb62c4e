# Misconception: recv() raises, or blocks, when the guest has no more to say.
# Fails: lets a guest go
# Told: goes on and on answering
import itertools
import threading
from socket import create_server

numbers = itertools.count(1)


def talk(connection, number):
    with connection:
        while True:
            line = connection.recv(1024)
            connection.sendall(b"guest %d: %b" % (number, line))


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection, next(numbers)), daemon=True).start()
