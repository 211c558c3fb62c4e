# handle() is called for each line.
# Fails: counts on
# Told: closed the connection after a line
from socketserver import StreamRequestHandler, TCPServer


class Handler(StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline()
        self.wfile.write(b"%d\n" % len(line.removesuffix(b"\n")))


with TCPServer(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
