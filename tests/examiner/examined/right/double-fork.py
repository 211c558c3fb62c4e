# The grandchild serves. It becomes an orphan, so the server only has to reap the child, which exits at once (APUE 8.6).
import os
from socket import create_server

listener = create_server(("127.0.0.1", 0), backlog=100)
while True:
    connection, _ = listener.accept()
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            try:
                listener.close()
                while data := connection.recv(4096):
                    connection.sendall(data)
            finally:
                os._exit(0)
        os._exit(0)
    connection.close()
    os.waitpid(child, 0)
