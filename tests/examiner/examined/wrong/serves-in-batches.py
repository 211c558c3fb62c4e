# Misconception: a pool's map() serves clients as they come. It starts when the whole batch has come.
# Fails: answers
# Told: nobody reads what it sends before other clients have come
import contextlib
from multiprocessing.pool import ThreadPool
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            connection.sendall(data)


listener = create_server(("127.0.0.1", 0), backlog=100)
with ThreadPool(3) as pool:
    while True:
        pool.map(talk, [listener.accept()[0] for _ in range(3)])
