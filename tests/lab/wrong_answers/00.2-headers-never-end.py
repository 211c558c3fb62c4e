# Misconception: the headers end by themselves (end_headers is what sends them).
# Fails: greets
# Told: what came back is not an answer in HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        if not self.path.startswith("/hello/"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.wfile.write(("Hello, " + self.path.removeprefix("/hello/") + "\n").encode())


ThreadingHTTPServer(("127.0.0.1", 0), Page).serve_forever()
