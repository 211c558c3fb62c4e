# Misconception: select() makes sendall() safe. It blocks on the client that does not read, and all others wait.
# Fails: serves others meanwhile
# Told: the other client has not read anything
from select import select
from socket import create_server

listener = create_server(("127.0.0.1", 0))
sockets = [listener]
while True:
    ready, _, _ = select(sockets, [], [])
    for sock in ready:
        if sock is listener:
            connection, peer = listener.accept()
            sockets.append(connection)
            continue
        try:
            data = sock.recv(4096)
            sock.sendall(data)
        except ConnectionError:
            data = b""
        if not data:
            sockets.remove(sock)
            sock.close()
