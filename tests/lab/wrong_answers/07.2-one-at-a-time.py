# Takes the mixin away: right numbers, and no concurrency.
# Fails: stays concurrent
# Told: a silent visitor was connected; Ben asked and had no answer
# Changes: the lesson's solution
CHANGES = {
    "from socketserver import StreamRequestHandler, ThreadingTCPServer":
    "from socketserver import StreamRequestHandler, TCPServer",
    'with ThreadingTCPServer(("127.0.0.1", 0), Door) as server:':
    'with TCPServer(("127.0.0.1", 0), Door) as server:',
}
