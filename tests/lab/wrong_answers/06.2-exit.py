# sys.exit() in the handler is a clean end: nothing after serve_forever() runs.
# Fails: says goodbye
# Told: its log has no 'goodbye'
import sys
from socketserver import StreamRequestHandler, TCPServer


class Handler(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            if line == b"stop\n":
                self.wfile.write(b"stopping\n")
                sys.exit(0)
            self.wfile.write(line)


with TCPServer(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
print("goodbye")
