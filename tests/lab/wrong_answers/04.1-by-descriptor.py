# Misconception: a descriptor belongs to one client forever. The next client gets the same number, and the half line with it.
# Fails: forgets who has left
# Told: got 'ollehterces'
from select import select
from socket import create_server

listener = create_server(("127.0.0.1", 0))
sockets = [listener]
pending = {}
while True:
    ready, _, _ = select(sockets, [], [])
    for sock in ready:
        if sock is listener:
            connection, peer = listener.accept()
            sockets.append(connection)
        elif data := sock.recv(1024):
            number = sock.fileno()
            *lines, pending[number] = (pending.get(number, b"") + data).split(b"\n")
            for line in lines:
                sock.sendall(line[::-1] + b"\n")
        else:
            sockets.remove(sock)
            sock.close()
