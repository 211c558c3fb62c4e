# Misconception: a semaphore counts by itself. Nobody gives a place back.
# Fails: serves forty in the end
# Told: 40 clients are connected and ask: within 5 s
import resource
import threading
from socket import create_server

resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
room = threading.Semaphore(20)


def talk(connection):
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(line)


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        room.acquire()
        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
