"""Shape (c): ForkingMixIn with UDPServer, and a DatagramRequestHandler that reads lines until the datagram ends."""

from socketserver import DatagramRequestHandler, ForkingMixIn, UDPServer
from sys import argv


class Server(ForkingMixIn, UDPServer):
    pass


class Handler(DatagramRequestHandler):
    def handle(self):
        print(self.server, self.request, self.client_address)
        while line := self.rfile.readline():
            print(line.decode())
            self.wfile.write(b"2222")


if __name__ == "__main__":
    Server(("127.0.0.1", int(argv[1])), Handler).serve_forever()
