"""socketserver over TCP: TCPServer, ForkingTCPServer, ThreadingTCPServer, with either handler that fits.

What changes  the loop, the fork and the thread come from the library; what is left to write is the handler
It buys       one word in a class name turns a loop into a child, or a thread, per client
It costs      defaults that you have to know: a backlog of 5, no SO_REUSEADDR, 40 children at most
Break it      take TCPServer and let the first client be silent; take ForkingTCPServer and connect 42 clients
"""

import socketserver

from servers import app


class BaseRequestHandler(socketserver.BaseRequestHandler):
    def handle(self):
        app.converse(self.request)  # for TCP, the request is the connection


class StreamRequestHandler(socketserver.StreamRequestHandler):
    def handle(self):
        app.converse(self.connection, self.rfile.read1, self.wfile.write)


SERVERS = socketserver.TCPServer, getattr(socketserver, "ForkingTCPServer", None), socketserver.ThreadingTCPServer
HANDLERS = StreamRequestHandler, BaseRequestHandler


def serve(server_class, handler, options):
    server_class.allow_reuse_address = True  # the default, False, refuses a restart while old connections are in TIME_WAIT
    server_class.request_queue_size = options.backlog  # the default is 5
    server_class.daemon_threads = True  # the default, False, lets Ctrl-C wait until every client has left
    with server_class((options.host, options.port), handler) as server:
        app.announce(server.socket)
        server.serve_forever()


if __name__ == "__main__":
    app.run_socketserver(serve, __doc__, SERVERS, HANDLERS)
