# Misconception: with a file for each client, select() reports when it has a line. select() does not see what the file has read ahead.
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
