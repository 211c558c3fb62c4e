# recv() returns a line.
# Fails: counts lines in one packet
# Told: in one packet, expected 2 answers, '3' and '5'; got 1: '9'
from socketserver import BaseRequestHandler, TCPServer


class Handler(BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(1024):
            self.request.sendall(b"%d\n" % len(data.removesuffix(b"\n")))


with TCPServer(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
