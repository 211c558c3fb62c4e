# Misconception: a handler's __init__ is there for attributes. The library's own __init__ calls handle(), too.
# Fails: answers
# Told: was never called
import socketserver


class Echo(socketserver.StreamRequestHandler):
    def __init__(self, request, address, server):
        self.name = "%s:%d" % address

    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
    server.serve_forever()
