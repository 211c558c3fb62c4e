# Makes a lock for each handler: every thread has its own, and none keeps another out.
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
        lock = threading.Lock()
        for name in self.rfile:
            with lock:
                number = self.server.book.read() + 1
                self.server.book.write(number)
            self.wfile.write(b"%d\n" % number)


with ThreadingTCPServer(("127.0.0.1", 0), Door) as server:
    server.book = Book()
    server.serve_forever()
