# Misconception: what one recv() returns is one line.
# Fails: knows lines
# Told: sent 'hel', then 'lo' and a newline, expected 'olleh', got ['leh'
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
        elif data := sock.recv(1024):
            sock.sendall(data.rstrip(b"\n")[::-1] + b"\n")
        else:
            sockets.remove(sock)
            sock.close()
