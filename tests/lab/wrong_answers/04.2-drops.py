# Misconception: what does not fit can be dropped: send() on a non-blocking socket, and nobody looks at what it returns.
# Fails: loses nothing
# Told: came back; the first
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
            sock.send(data)
        except BlockingIOError:
            continue
        except ConnectionError:
            data = b""
        if not data:
            sockets.remove(sock)
            sock.close()
