# Misconception: the more stands under the lock, the safer. A buyer who does not pay keeps everybody waiting.
# Fails: waits for nobody to pay
# Told: Ann was told her seat and had not paid yet; Ben asked, and had no answer
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
            with lock:
                seat = theatre.take()
                connection.sendall(b"pay for seat %d\n" % seat if seat else b"sold out\n")
                if seat and lines.readline():
                    connection.sendall(b"seat %d is yours\n" % seat)


theatre = Theatre()
lock = threading.Lock()
listener = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=sell, args=listener.accept()[:1], daemon=True).start()
