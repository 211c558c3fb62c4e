# Misconception: a buffer saves system calls. An answer stays in it until 64 KiB have accumulated.
# Fails: answers
# Told: nobody flushes it
from socketserver import StreamRequestHandler, ThreadingTCPServer


class Handler(StreamRequestHandler):
    wbufsize = 65_536

    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


ThreadingTCPServer(("127.0.0.1", 0), Handler).serve_forever()
