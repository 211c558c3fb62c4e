# Misconception: the store has to be asked only for the first number; from there on one can count oneself.
# Fails: counts together
# Told: expected 1 to 6, came 1, 2, 2, 3, 3, 4
import sys
from socketserver import StreamRequestHandler, ThreadingTCPServer

from clients.tcp import address_of, ask


numbers = []


class Door(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            if not numbers:
                numbers.append(int(ask(address_of(sys.argv[1]), "count", timeout=2)[0]))
            else:
                numbers.append(numbers[-1] + 1)
            number = str(numbers[-1])
            self.wfile.write(number.encode() + b"\n")


class Server(ThreadingTCPServer):
    daemon_threads = True


with Server(("127.0.0.1", 0), Door) as server:
    server.serve_forever()
