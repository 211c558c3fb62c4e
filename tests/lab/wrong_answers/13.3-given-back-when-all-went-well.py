# Misconception: the last line of a conversation is always reached. A client that breaks off takes its place along.
# Fails: goes on afterwards
# Told: clients were answered and broke off; the next one asked, and had no answer
import resource
import threading
from socket import create_server

resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
room = threading.Semaphore(20)


def talk(connection):
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(line)
    room.release()


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        room.acquire()
        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
