# Thinks that max_children limits threads too; ThreadingMixIn has no limit, and makes no child.
# Fails: forks
# Told: show no fork
# Changes: the lesson's solution
CHANGES = {
    "from socketserver import ForkingMixIn, StreamRequestHandler, TCPServer":
    "from socketserver import ThreadingMixIn, StreamRequestHandler, TCPServer",
    "class Few(ForkingMixIn, TCPServer):": "class Few(ThreadingMixIn, TCPServer):",
}
