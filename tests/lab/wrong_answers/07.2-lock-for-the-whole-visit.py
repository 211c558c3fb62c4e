# Holds the lock while it waits for the visitor: right numbers, and one visitor at a time.
# Fails: stays concurrent
# Told: a silent visitor was connected; Ben asked and had no answer
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
        with self.server.lock:
            for name in self.rfile:
                number = self.server.book.read() + 1
                self.server.book.write(number)
                self.wfile.write(b"%d\n" % number)


with ThreadingTCPServer(("127.0.0.1", 0), Door) as server:
    server.book = Book()
    server.lock = threading.Lock()
    server.serve_forever()
