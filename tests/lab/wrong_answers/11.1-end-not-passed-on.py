# Misconception: the end of a connection passes by itself. Each of the two connections has to be told.
# Fails: passes the end on
# Told: the answer's end did not come
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
            back = threading.Thread(target=pump, args=(server, client))
            back.start()
            pump(client, server)
            back.join()


def pump(source, target):
    try:
        while data := source.recv(4096):
            target.sendall(data)
    except OSError:
        pass


listener = socket.create_server(("127.0.0.1", 0))
while True:
    client, _ = listener.accept()
    threading.Thread(target=serve, args=(client, next(turn))).start()
