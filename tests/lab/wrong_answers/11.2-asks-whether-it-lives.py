# Misconception: one asks first whether the store lives, and then again for the number. Each question counts.
# Fails: counts
# Told: expected 1, 2, 3, came 2, 4, 6
import sys
from socketserver import StreamRequestHandler, ThreadingTCPServer

from clients.tcp import address_of, ask


class Door(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            try:
                ask(address_of(sys.argv[1]), "count", timeout=2)  # does it live?
                (number,) = ask(address_of(sys.argv[1]), "count", timeout=2)
            except OSError:
                number = "error: the store does not answer, try again"
            self.wfile.write(number.encode() + b"\n")


class Server(ThreadingTCPServer):
    daemon_threads = True


with Server(("127.0.0.1", 0), Door) as server:
    server.serve_forever()
