# Misconception: a function that calls itself runs forever. Each call stays on the stack until the next one returns.
# Fails: state
# Told: a function calls itself for each client
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            connection.sendall(data)


def next_client():
    connection, _ = server.accept()
    threading.Thread(target=talk, args=(connection,), daemon=True).start()
    next_client()


server = create_server(("127.0.0.1", 0))
next_client()
