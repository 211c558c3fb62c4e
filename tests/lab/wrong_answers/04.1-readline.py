# Misconception: ready means that a whole line is there. readline() blocks on half a line, and blocks the whole server.
# Fails: joined
# Told: where select() does not see it
from select import select
from socket import create_server

listener = create_server(("127.0.0.1", 0))
files = {}
while True:
    ready, _, _ = select([listener, *files], [], [])
    for sock in ready:
        if sock is listener:
            connection, peer = listener.accept()
            files[connection] = connection.makefile("rb")
        elif line := files[sock].readline():
            sock.sendall(line.rstrip(b"\n")[::-1] + b"\n")
        else:
            files.pop(sock).close()
            sock.close()
