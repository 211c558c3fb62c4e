# Misconception: recv() must be told to wait for the whole line. It is told to wait for all 1,024 bytes.
# Fails: answers
# Told: waits for a fixed number of bytes
import contextlib
import threading
from socket import MSG_WAITALL, create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(1024, MSG_WAITALL):
            connection.sendall(data)


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
