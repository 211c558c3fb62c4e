# Misconception: when another client speaks, the half line before is over: it is thrown away.
# Fails: keeps the halves apart
# Told: expected 'olleh', got 'ol'
from select import select
from socket import create_server

listener = create_server(("127.0.0.1", 0))
sockets = [listener]
pending, speaker = b"", None
while True:
    ready, _, _ = select(sockets, [], [])
    for sock in ready:
        if sock is listener:
            connection, peer = listener.accept()
            sockets.append(connection)
        elif data := sock.recv(1024):
            if sock is not speaker:
                pending, speaker = b"", sock
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                sock.sendall(line[::-1] + b"\n")
        else:
            sockets.remove(sock)
            sock.close()
