# socketserver, a number shared by all threads, and a lock around it.
import socketserver
import threading

lock, counted = threading.Lock(), 0


def count():
    global counted
    with lock:
        counted += 1
        return b"%d\n" % counted


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            for line in self.rfile:
                self.wfile.write(count() if line == b"count\n" else line)
        except ConnectionError:
            pass


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True
    request_queue_size = 100


with Server(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
