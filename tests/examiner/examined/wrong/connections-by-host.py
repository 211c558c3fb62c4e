# Misconception: a host is a client. All clients of one host have the same address, except for the port.
# Fails: concurrency
# Told: there is one connection for all
import contextlib
import threading
from socket import create_server

clients = {}


def talk(ip, connection):
    with connection, contextlib.suppress(OSError):
        while data := clients[ip].recv(4096):
            clients[ip].sendall(data)


server = create_server(("127.0.0.1", 0))
while True:
    connection, address = server.accept()
    clients[address[0]] = connection
    threading.Thread(target=talk, args=(address[0], connection), daemon=True).start()
