# Thinks that max_children limits threads too; ThreadingMixIn has no limit, and makes no child.
# Fails: forks
# Told: show no fork
from socketserver import ThreadingMixIn, StreamRequestHandler, TCPServer


class Echo(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


class Few(ThreadingMixIn, TCPServer):
    max_children = 3


with Few(("127.0.0.1", 0), Echo) as server:
    server.serve_forever()
