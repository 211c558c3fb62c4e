# Misconception: text can be sent as it is, without becoming bytes.
# Fails: greets
# Told: TypeError: a bytes-like object is required, not 'str'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        if not self.path.startswith("/hello/"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write("Hello, " + self.path.removeprefix("/hello/"))


ThreadingHTTPServer(("127.0.0.1", 0), Page).serve_forever()
