"""Shape (a): binds a fixed port, ignores SIGCHLD, forks for each client, prints what it receives."""

import signal
from os import fork
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from sys import argv, exit

listener = socket()
listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(argv[1])))
listener.listen(3)
print(listener)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def echo(client):
    while True:
        piece = client.recv(1024)
        if not piece:
            break
        print(piece.decode())
        client.send(piece)
    client.close()


while True:
    try:
        client, where = listener.accept()
    except KeyboardInterrupt:
        exit("interrupted")
    print("from", where)
    if fork() == 0:
        listener.close()
        echo(client)
        exit(0)
    client.close()
