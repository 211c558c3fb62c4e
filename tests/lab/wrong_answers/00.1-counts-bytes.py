# Misconception: the length of a bytes object is the number of its characters.
# Fails: counts characters
# Told: sent '你好', expected '2', got '6'
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        with connection:
            for line in connection.makefile("rb"):
                connection.sendall(b"%d\n" % len(line.rstrip(b"\n")))
