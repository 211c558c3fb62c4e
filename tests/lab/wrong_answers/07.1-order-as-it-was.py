# Sets the limit and leaves the mixin second, where nobody asks it.
# Fails: serves three at once
# Told: it is busy with another
from socketserver import ForkingMixIn, StreamRequestHandler, TCPServer


class Echo(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


class Few(TCPServer, ForkingMixIn):
    max_children = 3


with Few(("127.0.0.1", 0), Echo) as server:
    server.serve_forever()
