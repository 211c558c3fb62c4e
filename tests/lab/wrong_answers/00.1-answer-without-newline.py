# Misconception: the client sees by itself where the answer ends.
# Fails: counts
# Told: the answer has no newline at its end
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        with connection:
            for line in connection.makefile("rb"):
                connection.sendall(b"%d" % len(line.decode().rstrip("\n")))
