# Misconception: the name is whatever follows the last slash, and where it stands does not matter.
# Fails: finds nothing else
# Told: asked for /say/hello/Ann, expected status 404, came 200
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        *_, word, name = ["", *self.path.split("/")]
        if word != "hello":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"Hello, {name}\n".encode())


ThreadingHTTPServer(("127.0.0.1", 0), Page).serve_forever()
