"""Shape (b): ForkingMixIn with TCPServer, and a BaseRequestHandler that answers a fixed text."""

from socketserver import BaseRequestHandler, ForkingMixIn, TCPServer
from sys import argv


class Server(ForkingMixIn, TCPServer):
    pass


class Handler(BaseRequestHandler):
    def handle(self):
        print("from", self.client_address)
        while piece := self.request.recv(1024):
            print(piece.decode())
            self.request.send(b"2222")


Server(("127.0.0.1", int(argv[1])), Handler).serve_forever()
