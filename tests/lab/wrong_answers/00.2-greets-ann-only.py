# Misconception: the example is the whole task (only Ann is greeted).
# Fails: greets others
# Told: asked for /hello/Ben, expected status 200, came 404
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/hello/Ann":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"Hello, Ann\n")


ThreadingHTTPServer(("127.0.0.1", 0), Page).serve_forever()
