# Misconception: only the writing needs the lock. Two threads have looked already, and both have seen the same seat.
# Fails: sells each seat once
# Told: some of them were told the same seat as another buyer
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
            seat = theatre.free
            time.sleep(0.005)
            with lock:
                theatre.free = max(seat - 1, 0)
            connection.sendall(b"pay for seat %d\n" % seat if seat else b"sold out\n")
            if seat and lines.readline():
                connection.sendall(b"seat %d is yours\n" % seat)


theatre = Theatre()
lock = threading.Lock()
listener = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=sell, args=listener.accept()[:1], daemon=True).start()
