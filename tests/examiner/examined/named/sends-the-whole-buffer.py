# Misconception: a zero byte ends the data. Bytes of an earlier, longer line remain in the buffer, and are sent along.
# Fails: pieces
# Told: bytes of an earlier, longer line follow the answer
import contextlib
import threading
from socket import create_server


def talk(connection):
    buffer = bytearray(70_000)
    with connection, contextlib.suppress(ConnectionError):
        while connection.recv_into(buffer):
            connection.sendall(buffer.partition(b"\0")[0])


server = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
