# Misconception: a client is its host. All clients on one machine share one half line.
# Fails: keeps the halves apart
# Told: got 'ihrowleh'
from collections import defaultdict
from select import select
from socket import create_server

listener = create_server(("127.0.0.1", 0))
sockets = [listener]
pending = defaultdict(bytes)
while True:
    ready, _, _ = select(sockets, [], [])
    for sock in ready:
        if sock is listener:
            connection, peer = listener.accept()
            sockets.append(connection)
        elif data := sock.recv(1024):
            host, port = sock.getpeername()
            *lines, pending[host] = (pending[host] + data).split(b"\n")
            for line in lines:
                sock.sendall(line[::-1] + b"\n")
        else:
            sockets.remove(sock)
            sock.close()
