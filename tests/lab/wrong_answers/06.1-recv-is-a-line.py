# recv() returns a line.
# Fails: joined
# Told: each recv() is taken for a line
from socketserver import BaseRequestHandler, TCPServer


class Handler(BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(1024):
            self.request.sendall(b"%d\n" % len(data.removesuffix(b"\n")))


with TCPServer(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
