# Misconception: with sendall() all is well. The loop then waits for a slow reader, and all others with it.
# Fails: serves others beside a slow reader
# Told: Ben asked for 10, and had none
from contextlib import suppress
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        connection.settimeout(60)
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            for line in lines:
                connection.sendall(b"x" * int(line) + b"\n")
