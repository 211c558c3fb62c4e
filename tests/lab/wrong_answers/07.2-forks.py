# Takes processes instead of threads: nothing collides, because nothing is shared, so each visitor is the first.
# Fails: told a number
# Told: 2 visitors came, one after the other, and were told 1, 1
import threading
import time
from socketserver import StreamRequestHandler, ForkingTCPServer


class Book:
    number = 0

    def read(self):
        time.sleep(0.005)
        return self.number

    def write(self, number):
        time.sleep(0.005)
        self.number = number


class Door(StreamRequestHandler):
    def handle(self):
        for name in self.rfile:
            with self.server.lock:
                number = self.server.book.read() + 1
                self.server.book.write(number)
            self.wfile.write(b"%d\n" % number)


with ForkingTCPServer(("127.0.0.1", 0), Door) as server:
    server.book = Book()
    server.lock = threading.Lock()
    server.serve_forever()
