# Misconception: reaping after each accept() is enough. The next client may come tomorrow.
# Fails: reaping
# Told: a child that has ended stays as a zombie until its parent asks for its exit status
import contextlib
import os
from socket import create_server

listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    if os.fork() == 0:
        try:
            listener.close()
            while data := connection.recv(4096):
                connection.sendall(data)
        finally:
            os._exit(0)
    connection.close()
