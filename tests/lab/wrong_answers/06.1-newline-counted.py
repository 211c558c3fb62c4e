# A line from rfile is what the client typed: its newline is forgotten, and counted.
# Fails: counts
# Told: sent 'hello', expected '5', came '6'
from socketserver import StreamRequestHandler, TCPServer


class Handler(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(b"%d\n" % len(line))


with TCPServer(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
