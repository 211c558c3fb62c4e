# Misconception: max_children only keeps a server from forking too much. But the parent waits until a child has ended.
# Fails: concurrency
# Told: a fixed number of workers serves that many clients at a time
from socketserver import ForkingMixIn, StreamRequestHandler, TCPServer


class Echo(StreamRequestHandler):
    def handle(self):
        self.server.socket.close()
        for line in self.rfile:
            self.wfile.write(line)


class Server(ForkingMixIn, TCPServer):
    max_children = 3


Server(("127.0.0.1", 0), Echo).serve_forever()
