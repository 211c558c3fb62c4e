# In a forked child, self.server is the server: it is a copy, and shutting down a copy stops nothing.
# Fails: ends
# Told: Who waits for whom?
from socketserver import ForkingTCPServer, StreamRequestHandler
from threading import Thread


class Handler(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            if line == b"stop\n":
                self.wfile.write(b"stopping\n")
                Thread(target=self.server.shutdown, daemon=True).start()
                return
            self.wfile.write(line)


with ForkingTCPServer(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
print("goodbye")
