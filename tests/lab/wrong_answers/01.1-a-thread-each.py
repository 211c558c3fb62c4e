# Misconception: a thread for each client is enough. The silent clients stay forever.
# Fails: gets rid of the silent
# Told: still connected
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
