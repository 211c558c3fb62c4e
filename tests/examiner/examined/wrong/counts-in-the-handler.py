# Misconception: there is one handler. There is one per connection.
# Fails: state
# Told: each client has a number of its own
import socketserver


class Handler(socketserver.StreamRequestHandler):
    number = 0

    def handle(self):
        for line in self.rfile:
            if line == b"count\n":
                self.number += 1
                line = b"%d\n" % self.number
            self.wfile.write(line)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", 0), Handler).serve_forever()
