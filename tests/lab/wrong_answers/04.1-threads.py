# Misconception: any concurrency will do. A thread for each client keeps its half line in a local variable, as in lesson 03.
# Fails: turns lines for a crowd alone
# Told: threads; one of each is enough
import threading
from socket import create_server


def converse(connection):
    pending = b""
    with connection:
        while data := connection.recv(1024):
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                connection.sendall(line[::-1] + b"\n")


listener = create_server(("127.0.0.1", 0))
while True:
    connection, peer = listener.accept()
    threading.Thread(target=converse, args=[connection], daemon=True).start()
