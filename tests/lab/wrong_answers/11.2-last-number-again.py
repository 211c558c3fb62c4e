# Misconception: an old number is better than none. It is a number that another visitor has already.
# Fails: admits errors
# Told: expected a line that begins with 'error', came '1'
import sys
from socketserver import StreamRequestHandler, ThreadingTCPServer

from clients.tcp import address_of, ask


last = ["0"]


class Door(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            try:
                last[0] = ask(address_of(sys.argv[1]), "count", timeout=2)[0]
            except OSError:
                pass
            number = last[0]
            self.wfile.write(number.encode() + b"\n")


class Server(ThreadingTCPServer):
    daemon_threads = True


with Server(("127.0.0.1", 0), Door) as server:
    server.serve_forever()
