# Takes the length of the backlog for the number of clients that are served at once.
# Fails: three at most
# Told: a fourth asked, and was answered at once
from socketserver import ForkingMixIn, StreamRequestHandler, TCPServer


class Echo(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


class Few(ForkingMixIn, TCPServer):
    request_queue_size = 3


with Few(("127.0.0.1", 0), Echo) as server:
    server.serve_forever()
