# Misconception: any concurrency will do. A thread for each client may block as long as it likes, but there are as many as clients.
# Fails: echoes to a crowd alone
# Told: threads; one of each is enough
import threading
from socket import create_server


def echo(connection):
    try:
        with connection:
            while data := connection.recv(4096):
                connection.sendall(data)
    except ConnectionError:
        pass


listener = create_server(("127.0.0.1", 0))
while True:
    connection, peer = listener.accept()
    threading.Thread(target=echo, args=[connection], daemon=True).start()
