# Misconception: strip() takes off the newline only.
# Fails: keeps blanks
# Told: sent ' a b ', expected '5', got '3'
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        with connection:
            for line in connection.makefile("rb"):
                connection.sendall(b"%d\n" % len(line.decode().strip()))
