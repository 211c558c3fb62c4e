# Misconception: one connection to the store will do for ever. When the store is started again, it is dead.
# Fails: admits errors
# Told: a new store is there, and it begins with 1
import sys
import threading
from socketserver import StreamRequestHandler, ThreadingTCPServer

from clients.tcp import address_of, connect


lock = threading.Lock()
store = connect(address_of(sys.argv[1])) if sys.argv[1:] else None
answers = store and store.makefile("r")


class Door(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            try:
                with lock:
                    store.sendall(b"count\n")
                    number = answers.readline().strip() or "error: the store does not answer, try again"
            except OSError:
                number = "error: the store does not answer, try again"
            self.wfile.write(number.encode() + b"\n")


class Server(ThreadingTCPServer):
    daemon_threads = True


with Server(("127.0.0.1", 0), Door) as server:
    server.serve_forever()
