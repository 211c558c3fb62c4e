# Misconception: a file for each client, and select() tells when it has a line. What the file has read ahead, select() does not see.
# Fails: joined
# Told: where select() does not see it
import select
from socket import create_server

listener = create_server(("127.0.0.1", 0))
sockets, files = [listener], {}

while True:
    for sock in select.select(sockets, [], [])[0]:
        if sock is listener:
            connection, peer = listener.accept()
            sockets.append(connection)
            files[connection] = connection.makefile("rb")
        elif line := files[sock].readline():
            sock.sendall(line)
        else:
            sockets.remove(sock)
            files.pop(sock).close()
            sock.close()
