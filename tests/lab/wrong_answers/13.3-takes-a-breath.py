# Misconception: the fix of the section before is enough. It still tries, and fails, ten times a second.
# Fails: never fails to accept
# Told: accepts have failed with EMFILE
import resource
import threading
import time
from socket import create_server

resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def talk(connection):
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(line)


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        try:
            connection, peer = listener.accept()
        except OSError:
            time.sleep(0.1)
            continue
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
