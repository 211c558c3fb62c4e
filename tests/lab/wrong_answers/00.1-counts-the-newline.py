# Misconception: a line that was read has lost its newline already.
# Fails: counts
# Told: sent 'hello', expected '5', got '6'
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        with connection:
            for line in connection.makefile("rb"):
                connection.sendall(b"%d\n" % len(line.decode()))
