# Misconception: after each piece from the client comes one piece from the server. TCP knows no questions and answers.
# Fails: passes on
# Told: no answer came to a line of 60000 bytes
import itertools
import socket
import sys
import threading

from clients.tcp import address_of

servers = [address_of(text) for text in sys.argv[1:]]
turn = itertools.cycle(range(max(len(servers), 1)))


def connect(first):
    for address in servers[first:] + servers[:first]:
        try:
            return socket.create_connection(address, timeout=1)
        except OSError:
            pass


def serve(client, first):
    with client:
        server = connect(first)
        if server is None:
            return
        with server:
            server.settimeout(None)
            try:
                while data := client.recv(4096):
                    server.sendall(data)
                    client.sendall(server.recv(4096))
            except OSError:
                pass


listener = socket.create_server(("127.0.0.1", 0))
while True:
    client, _ = listener.accept()
    threading.Thread(target=serve, args=(client, next(turn))).start()
