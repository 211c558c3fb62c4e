# Misconception: who shares nothing, needs no lock. Each child sells a copy of the theatre, from the first seat.
# Fails: sells
# Told: and then Ben was told the same seat
import multiprocessing
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
    listener.close()
    with connection, connection.makefile("rb") as lines:
        for wish in lines:
            seat = theatre.take()
            connection.sendall(b"pay for seat %d\n" % seat if seat else b"sold out\n")
            if seat and lines.readline():
                connection.sendall(b"seat %d is yours\n" % seat)


theatre = Theatre()
listener = create_server(("127.0.0.1", 0))
while True:
    connection, peer = listener.accept()
    multiprocessing.get_context("fork").Process(target=sell, args=(connection,), daemon=True).start()
    connection.close()
