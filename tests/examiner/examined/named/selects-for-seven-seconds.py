# Misconception: a select() that reports nothing means that the client has left.
# Fails: patience
# Told: a client that is silent for a while loses it
import select
import threading
from socket import create_server


def talk(connection):
    with connection:
        while select.select([connection], [], [], 7)[0] and (data := connection.recv(4096)):
            connection.sendall(data)


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
