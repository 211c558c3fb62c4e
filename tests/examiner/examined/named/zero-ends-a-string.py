# Misconception: a C string can hold any line. A zero byte ends it.
# Fails: binary
# Told: a zero byte is taken for the end
import contextlib
import ctypes
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(ctypes.create_string_buffer(line).value)


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
