# In a forked child, self.server is the server: it is a copy, and shutting down a copy stops nothing.
# Fails: ends
# Told: Who waits for whom?
# Changes: the lesson's solution
CHANGES = {
    "from socketserver import StreamRequestHandler, TCPServer":
    "from socketserver import ForkingTCPServer, StreamRequestHandler",
    "Thread(target=self.server.shutdown).start()": "Thread(target=self.server.shutdown, daemon=True).start()",
    'with TCPServer(("127.0.0.1", 0), Handler) as server:':
    'with ForkingTCPServer(("127.0.0.1", 0), Handler) as server:',
}
