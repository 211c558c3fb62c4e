"""A thread for each client, that is no daemon."""

import socket
import threading


def echo(client):
    with client:
        while data := client.recv(4096):
            client.sendall(data)


with socket.create_server(("127.0.0.1", 0)) as listener:
    while True:
        threading.Thread(target=echo, args=listener.accept()[:1]).start()
