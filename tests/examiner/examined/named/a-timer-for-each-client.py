# Misconception: a client that stays too long is told so by a timer, which does not matter to a client that has left.
# Fails: reaping
# Told: nobody cancels it
import contextlib
import threading
from socket import create_server


def talk(connection):
    threading.Timer(900, print, ["somebody has stayed too long"]).start()
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line)


server = create_server(("127.0.0.1", 0))
while True:
    connection, address = server.accept()
    threading.Thread(target=talk, args=(connection,), daemon=True).start()
