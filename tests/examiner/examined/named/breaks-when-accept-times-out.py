# Misconception: an OSError of accept() means that the listener has been closed.
# Fails: left alone
# Told: accept() timed out
import threading
from socket import create_server


def talk(connection):
    with connection:
        for line in connection.makefile("rb"):
            connection.sendall(line)


with create_server(("127.0.0.1", 0), backlog=128) as listener:
    listener.settimeout(2)
    while True:
        try:
            connection, address = listener.accept()
        except OSError:
            break
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
