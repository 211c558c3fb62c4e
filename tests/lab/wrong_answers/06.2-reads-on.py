# The thread is enough: the handler reads on, and the loop is inside it until the client leaves.
# Fails: ends
# Told: Who waits for whom?
from socketserver import StreamRequestHandler, TCPServer
from threading import Thread


class Handler(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            if line == b"stop\n":
                self.wfile.write(b"stopping\n")
                Thread(target=self.server.shutdown).start()
            else:
                self.wfile.write(line)


with TCPServer(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
print("goodbye")
