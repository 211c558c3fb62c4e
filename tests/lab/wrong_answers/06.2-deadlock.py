# shutdown() only asks the loop to end: it waits for it, too, here inside the loop.
# Fails: ends
# Told: Who waits for whom?
from socketserver import StreamRequestHandler, TCPServer


class Handler(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            if line == b"stop\n":
                self.wfile.write(b"stopping\n")
                self.server.shutdown()
                return
            self.wfile.write(line)


with TCPServer(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
print("goodbye")
