# Misconception: a place for each descriptor. Some of them are in use before the first client comes.
# Fails: serves forty in the end
# Told: OSError: [Errno 24] Too many open files
import resource
import threading
from socket import create_server

resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
room = threading.Semaphore(32)


def talk(connection):
    try:
        with connection, connection.makefile("rb") as lines:
            for line in lines:
                connection.sendall(line)
    finally:
        room.release()


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        room.acquire()
        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
