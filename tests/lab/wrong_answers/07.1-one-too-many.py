# Thinks that the server counts as a child, or that it stops only above the limit.
# Fails: three at most
# Told: a fourth asked, and was answered at once
from socketserver import ForkingMixIn, StreamRequestHandler, TCPServer


class Echo(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


class Few(ForkingMixIn, TCPServer):
    max_children = 4


with Few(("127.0.0.1", 0), Echo) as server:
    server.serve_forever()
