# Misconception: catch the error, and continue. The client is still waiting: accept() fails again, thousands of times a second.
# Fails: never fails to accept
# Told: accepts have failed with EMFILE
import resource
import threading
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
            continue
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
