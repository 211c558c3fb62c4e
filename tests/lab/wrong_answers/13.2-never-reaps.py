# Misconception: a process per client is enough. Nothing reaps the children.
# Fails: lets go of them
# Told: processes:
import os
from contextlib import suppress
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        if os.fork() == 0:
            try:
                listener.close()
                with suppress(OSError), connection, connection.makefile("rb") as lines:
                    for line in lines:
                        connection.sendall(b"x" * int(line) + b"\n")
            finally:
                os._exit(0)
        connection.close()
