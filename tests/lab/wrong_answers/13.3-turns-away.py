# Misconception: no room: the newcomer is sent away, and not kept waiting.
# Fails: serves forty in the end
# Told: some of them lost their connection
import resource
import threading
from socket import create_server

resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
room = threading.Semaphore(20)


def talk(connection):
    try:
        with connection, connection.makefile("rb") as lines:
            for line in lines:
                connection.sendall(line)
    finally:
        room.release()


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        if not room.acquire(blocking=False):
            connection.close()
            continue
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
