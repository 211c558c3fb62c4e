# Misconception: if the store is dead, the server cannot help its visitor. It can say so; an exception only closes the connection.
# Fails: admits errors
# Told: ConnectionRefusedError: nobody listens
import sys
from socketserver import StreamRequestHandler, ThreadingTCPServer

from clients.tcp import address_of, ask


class Door(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            (number,) = ask(address_of(sys.argv[1]), "count", timeout=2)
            self.wfile.write(number.encode() + b"\n")


class Server(ThreadingTCPServer):
    daemon_threads = True


with Server(("127.0.0.1", 0), Door) as server:
    server.serve_forever()
