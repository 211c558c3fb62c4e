"""socketserver over TCP: TCPServer, ForkingTCPServer, ThreadingTCPServer, with either handler.

What changes  the loop, the fork and the thread come from the library; only the handler is left to
              write
It buys       one word in a class name turns a loop into a child, or a thread, per client
It costs      defaults that you have to know: a backlog of 5 before Python 3.15, no SO_REUSEADDR,
              at most 40 children
Break it      take TCPServer and let the first client stay silent; take ForkingTCPServer and
              connect 42 clients
"""

import socket
import socketserver

from servers import app, main


class BaseRequestHandler(socketserver.BaseRequestHandler):
    def handle(self):
        app.converse(self.request)  # for TCP, the request is the connection


class StreamRequestHandler(socketserver.StreamRequestHandler):
    def handle(self):
        app.converse(self.connection, self.rfile.read1, self.wfile.write)


SERVERS = {
    name: getattr(socketserver, name)
    for name in ("TCPServer", "ForkingTCPServer", "ThreadingTCPServer")
    if hasattr(socketserver, name)  # Windows has no fork, and so no Forking classes
}
HANDLERS = {handler.__name__: handler for handler in (StreamRequestHandler, BaseRequestHandler)}


def serve(options):
    server_class = SERVERS[options.server]
    server_class.allow_reuse_address = True  # default False: no restart while in TIME_WAIT
    server_class.request_queue_size = options.backlog  # default 5; SOMAXCONN from Python 3.15 on
    server_class.daemon_threads = True  # default False: Ctrl-C waits until every client has left
    address = options.host, options.port
    with server_class(address, HANDLERS[options.handler]) as server:
        server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as in tcp_listener()
        main.announce(server.socket)
        server.serve_forever()


parser = main.parser(__doc__)
parser.add_argument("--server", choices=SERVERS, default="TCPServer")
parser.add_argument("--handler", choices=HANDLERS, default="StreamRequestHandler")

if __name__ == "__main__":
    main.run(serve, parser)
