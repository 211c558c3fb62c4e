# Thinks that the limit belongs to the handler; it is the server that forks.
# Fails: three at most
# Told: a fourth asked, and was answered at once
from socketserver import ForkingMixIn, StreamRequestHandler, TCPServer


class Echo(StreamRequestHandler):
    max_children = 3

    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


class Few(ForkingMixIn, TCPServer):
    pass


with Few(("127.0.0.1", 0), Echo) as server:
    server.serve_forever()
