# Misconception: makefile().readline() reads a line. It reads ahead, too.
# Fails: joined
# Told: makefile() is called anew for each line
import contextlib
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while line := connection.makefile("rb").readline():
            connection.sendall(line)


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
