# Misconception: the end of the connection is enough; a length is a luxury.
# Fails: names type and length
# Told: the page has 6 bytes, and Content-Length says None
import socketserver

PAGES = {"/": "Hello\n", "/nihao": "你好\n"}


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        method, path, version = self.rfile.readline().decode("latin-1").split()
        while self.rfile.readline().strip():
            pass
        status = "200 OK" if path in PAGES else "404 Not Found"
        body = PAGES.get(path, "There is no such page.\n").encode()
        head = [f"HTTP/1.0 {status}", "Content-Type: text/plain; charset=utf-8", "", ""]
        self.wfile.write("\r\n".join(head).encode() + body)


with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
