"""A multiprocessing process for each client; the start method is the first argument."""

import multiprocessing
import socket
import sys


def echo(client):
    with client:
        while data := client.recv(4096):
            client.sendall(data)


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    listener = socket.create_server(("127.0.0.1", 0))
    while True:
        client, _ = listener.accept()
        context.Process(target=echo, args=(client,)).start()
        client.close()
