# Misconception: a thread has its own global variables.
# Fails: state
# Told: they share the variable
import contextlib
import threading
from socket import create_server

line = b""


def talk(connection):
    global line
    with connection, contextlib.suppress(ConnectionError):
        file = connection.makefile("rb")
        while True:
            line = file.readline()
            if not line:
                break
            connection.sendall(line)


server = create_server(("127.0.0.1", 0))
while True:
    connection, address = server.accept()
    threading.Thread(target=talk, args=(connection,), daemon=True).start()
