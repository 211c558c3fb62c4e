# Misconception: no more room, so the server ends.
# Fails: serves forty in the end
# Told: Your server has exited with code 0
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
            break
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
