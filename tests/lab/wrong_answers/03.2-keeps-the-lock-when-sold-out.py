# Misconception: release() at the end is enough. When all is sold, `continue` goes round it, and the lock is never given back.
# Fails: sells out
# Told: one buyer was told 'sold out'; then Ann asked, and had no answer
import threading
import time
from socket import create_server


class Theatre:
    free = 30

    def take(self):
        """A free seat; 0 when all are sold."""
        seat = self.free
        time.sleep(0.005)
        self.free = max(seat - 1, 0)
        return seat


def sell(connection):
    with connection, connection.makefile("rb") as lines:
        for wish in lines:
            lock.acquire()
            seat = theatre.take()
            if not seat:
                connection.sendall(b"sold out\n")
                continue
            lock.release()
            connection.sendall(b"pay for seat %d\n" % seat)
            if lines.readline():
                connection.sendall(b"seat %d is yours\n" % seat)


theatre = Theatre()
lock = threading.Lock()
listener = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=sell, args=listener.accept()[:1], daemon=True).start()
