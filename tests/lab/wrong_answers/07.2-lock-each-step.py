# Locks the reading and the writing, each by itself: another thread comes in between.
# Fails: counts fifty
# Told: some were told the same number
import threading
import time
from socketserver import StreamRequestHandler, ThreadingTCPServer


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
            with self.server.lock:
                self.server.book.write(number)
            self.wfile.write(b"%d\n" % number)


with ThreadingTCPServer(("127.0.0.1", 0), Door) as server:
    server.book = Book()
    server.lock = threading.Lock()
    server.serve_forever()
