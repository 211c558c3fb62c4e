# Misconception: the words "not found" are enough; a status is not needed.
# Fails: finds nothing else
# Told: asked for /, expected status 404, got 200
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path.startswith("/hello/")
        text = "Hello, " + self.path.removeprefix("/hello/") if found else "404 not found"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"{text}\n".encode())


ThreadingHTTPServer(("127.0.0.1", 0), Page).serve_forever()
