# Misconception: a piece with a whole line ends in a newline. Half of the next line may follow it.
# Fails: joined
# Told: a complete line is not answered while half of the next one follows it
import contextlib
import threading
from socket import create_server


def talk(connection):
    buffer = b""
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            buffer += data
            if buffer.endswith(b"\n"):
                connection.sendall(buffer)
                buffer = b""


server = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
