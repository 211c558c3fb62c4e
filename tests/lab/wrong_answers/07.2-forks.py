# Takes processes instead of threads: nothing collides, because nothing is shared, so each visitor is the first.
# Fails: told a number
# Told: 2 visitors came, one after the other, and were told 1, 1
# Changes: the lesson's solution
CHANGES = {
    "from socketserver import StreamRequestHandler, ThreadingTCPServer":
    "from socketserver import StreamRequestHandler, ForkingTCPServer",
    'with ThreadingTCPServer(("127.0.0.1", 0), Door) as server:':
    'with ForkingTCPServer(("127.0.0.1", 0), Door) as server:',
}
