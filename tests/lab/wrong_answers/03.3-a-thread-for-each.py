# Misconception: a pool that never makes a client wait is a better pool. But it has no limit.
# Fails: serves two at most
# Told: Cem asked, and was answered at once
import threading
from socket import create_server


def talk(connection):
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b"%d\n" % (int(line) ** 2))


# no workers: as many threads as there are clients


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        connection.settimeout(3)
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
