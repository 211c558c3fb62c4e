# Misconception: one accept() is enough for all clients.
# Fails: counts characters
# Told: Your server has exited with code 0
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    connection, peer = listener.accept()
    with connection:
        for line in connection.makefile("rb"):
            connection.sendall(b"%d\n" % len(line.decode().rstrip("\n")))
