# Misconception: a recv() that returns less than requested has returned the last piece. A line may fill the buffer exactly.
# Fails: long line
# Told: fills the buffer to the last byte
import contextlib
import threading
from socket import create_server


def talk(connection):
    message = b""
    with connection, contextlib.suppress(ConnectionError):
        while piece := connection.recv(1024):
            message += piece
            if len(piece) < 1024:
                connection.sendall(message)
                message = b""


listener = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=listener.accept()[:1], daemon=True).start()
