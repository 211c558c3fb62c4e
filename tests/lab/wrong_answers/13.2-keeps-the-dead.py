# Misconception: a caught error has been cleaned up. Nothing closes the connection.
# Fails: lets go of them
# Told: descriptors:
from socket import create_server
from threading import Thread

guests = []


def serve(connection):
    try:
        for line in connection.makefile("rb"):
            connection.sendall(b"x" * int(line) + b"\n")
        connection.close()
        guests.remove(connection)
    except ConnectionError:
        pass


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        guests.append(connection)
        Thread(target=serve, args=(connection,), daemon=True).start()
