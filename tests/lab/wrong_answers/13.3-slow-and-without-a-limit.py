# Misconception: who accepts slowly has room for everybody, since those who have been served leave in time.
# Fails: serves forty in the end
# Told: some of them lost their connection
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
        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
        time.sleep(0.05)
