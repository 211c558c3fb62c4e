# Misconception: a conversation ends after a hundred lines, as a web server ends one after so many requests.
# Fails: all of it
# Told: the server ends each conversation after so many lines
from socketserver import StreamRequestHandler, ThreadingTCPServer


class Handler(StreamRequestHandler):
    def handle(self):
        for _ in range(100):
            line = self.rfile.readline()
            if not line:
                break
            self.wfile.write(line)


ThreadingTCPServer.daemon_threads = True
ThreadingTCPServer(("127.0.0.1", 0), Handler).serve_forever()
