# Misconception: a client that does not read may be thrown out. What it would have read later is lost.
# Fails: serves others meanwhile
# Told: the server broke the connection off
from select import select
from socket import create_server

listener = create_server(("127.0.0.1", 0))
sockets = [listener]
while True:
    ready, _, _ = select(sockets, [], [])
    for sock in ready:
        if sock is listener:
            connection, peer = listener.accept()
            connection.setblocking(False)
            sockets.append(connection)
            continue
        try:
            data = sock.recv(4096)
            sock.sendall(data)
        except OSError:
            data = b""
        if not data:
            sockets.remove(sock)
            sock.close()
