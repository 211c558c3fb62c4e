# strip() takes away the newline: and the spaces with it.
# Fails: counts spaces
# Told: sent '  two words ', expected '12', came '9'
from socketserver import StreamRequestHandler, TCPServer


class Handler(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(b"%d\n" % len(line.strip()))


with TCPServer(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
