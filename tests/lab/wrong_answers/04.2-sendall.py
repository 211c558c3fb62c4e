# Misconception: select() makes sendall() safe. It blocks on the client that does not read, and all others wait.
# Fails: slow reader
# Told: the server waits in send() for a client that does not read
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
