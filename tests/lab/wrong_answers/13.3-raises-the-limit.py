# Misconception: the limit is the failure. A larger crowd will come.
# Fails: keeps its limit
# Told: descriptors
import resource
import threading
from socket import create_server

resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))


def talk(connection):
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(line)


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
