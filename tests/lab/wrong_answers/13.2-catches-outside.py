# Misconception: one try around the whole server is enough. The first client that leaves ends the loop, without an error.
# Fails: serves others beside a slow reader
# Told: Your server has exited with code 0
from socket import create_server

try:
    with create_server(("127.0.0.1", 0)) as listener:
        while True:
            connection, peer = listener.accept()
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    connection.sendall(b"x" * int(line) + b"\n")
except ConnectionError:
    pass
