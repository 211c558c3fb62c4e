# Takes the sleeps out of the book: the race is still there, and only rarer.
# Fails: keeps the book
# Told: is Book as it was?
import time
from socketserver import StreamRequestHandler, ThreadingTCPServer


class Book:
    number = 0

    def read(self):
        return self.number

    def write(self, number):
        self.number = number


class Door(StreamRequestHandler):
    def handle(self):
        for name in self.rfile:
            number = self.server.book.read() + 1
            self.server.book.write(number)
            self.wfile.write(b"%d\n" % number)


with ThreadingTCPServer(("127.0.0.1", 0), Door) as server:
    server.book = Book()
    server.serve_forever()
