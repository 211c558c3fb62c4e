# Misconception: a client that comes when the room is nearly full may be disconnected after one answer.
# Fails: serves forty in the end
# Told: some of them lost their connection
import resource
import threading
from socket import create_server

resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
room = threading.Semaphore(20)


def talk(connection, stays):
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(line)
            if not stays:
                break
    if stays:
        room.release()


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        stays = room.acquire(blocking=False)
        guest = threading.Thread(target=talk, args=(connection, stays), daemon=True)
        guest.start()
        if not stays:
            guest.join()
