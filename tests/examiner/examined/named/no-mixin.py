# Misconception: a server of socketserver serves many at once. TCPServer alone is a loop.
# Fails: concurrency
# Told: TCPServer serves its clients one after another
import socketserver


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
