# Misconception: any concurrency will do. Threads leave no copy and no zombie, but no child serves anybody.
# Fails: holds no connection
# Told: still holds 3 connections
import threading
from socket import create_server


def talk(connection):
    with connection:
        while data := connection.recv(1024):
            connection.sendall(data)


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
