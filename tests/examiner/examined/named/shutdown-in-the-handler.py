# Misconception: shutdown() ends serve_forever(). In a signal handler it waits for the loop that it has interrupted.
# Fails: clean stop
# Told: it waits for itself
import signal
import socketserver


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *_: server.shutdown())
    server.serve_forever()
