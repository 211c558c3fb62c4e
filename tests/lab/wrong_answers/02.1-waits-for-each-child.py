# Misconception: the parent has to wait right after the fork. It reaps, but serves one client at a time again.
# Fails: answers the last first
# Told: the last one sent 'hello' and had no answer
import os
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        if os.fork() == 0:
            listener.close()
            while data := connection.recv(1024):
                connection.sendall(data)
            os._exit(0)
        connection.close()
        os.wait()
