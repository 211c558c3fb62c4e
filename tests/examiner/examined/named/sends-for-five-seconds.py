# Misconception: a client that accepts no answer for five seconds wants none.
# Fails: patience
# Told: a client that is slow to read
import threading
from socket import create_server


def talk(connection):
    with connection:
        while data := connection.recv(4096):
            connection.settimeout(5)
            try:
                connection.sendall(data)
            except TimeoutError:
                return
            connection.settimeout(None)


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
