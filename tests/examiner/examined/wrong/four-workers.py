# Misconception: a pool of four threads serves any number of clients.
# Fails: concurrency
# Told: a fixed number of workers serves that many clients at a time
import contextlib
from concurrent.futures import ThreadPoolExecutor
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            connection.sendall(data)


listener = create_server(("127.0.0.1", 0), backlog=100)
with ThreadPoolExecutor(4) as pool:
    while True:
        pool.submit(talk, listener.accept()[0])
