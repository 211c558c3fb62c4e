# Misconception: the example of socketserver's page is an echo server. It answers once, in capital letters, without a newline.
# Fails: answers
# Told: one answer, without a newline at its end
import socketserver


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.data = self.request.recv(1024).strip()
        self.request.sendall(self.data.upper())


with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
