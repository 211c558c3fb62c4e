# Misconception: the oldest client may be disconnected to make room.
# Fails: serves forty in the end
# Told: some of them lost their connection
import resource
import threading
from contextlib import suppress
from socket import create_server

resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
guests = []


def talk(connection):
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(line)


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        guests.append(connection)
        if len(guests) > 20:
            with suppress(OSError):
                guests.pop(0).shutdown(2)
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
