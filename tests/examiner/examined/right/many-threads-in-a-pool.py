# A pool that is large enough for all of the examiner's clients.
import contextlib
from concurrent.futures import ThreadPoolExecutor
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            connection.sendall(data)


listener = create_server(("127.0.0.1", 0), backlog=100)
with ThreadPoolExecutor(12) as pool:
    while True:
        pool.submit(talk, listener.accept()[0])
