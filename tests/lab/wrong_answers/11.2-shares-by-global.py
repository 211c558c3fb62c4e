# Misconception: what is global in one process is shared by all servers.
# Fails: counts together
# Told: expected 1 to 6, came 1, 1, 2, 2, 3, 3
import sys
import threading
from socketserver import StreamRequestHandler, ThreadingTCPServer

from clients.tcp import address_of, ask


lock = threading.Lock()


class Door(StreamRequestHandler):
    number = 0

    def handle(self):
        for line in self.rfile:
            with lock:
                Door.number += 1
                number = str(Door.number)
            self.wfile.write(number.encode() + b"\n")


class Server(ThreadingTCPServer):
    daemon_threads = True


with Server(("127.0.0.1", 0), Door) as server:
    server.serve_forever()
