"""socketserver over UDP: UDPServer, ForkingUDPServer, ThreadingUDPServer, with either handler.

What changes  against socketserver_tcp: a request is one datagram, so a handler lives for one
              question and its answer
It buys       a child or a thread per datagram: one slow answer delays no other
It costs      a whole process for one packet; answers may arrive out of order
Break it      take UDPServer and send `sleep 2` twice at once; set max_packet_size back to 8192
              and send 9,000 bytes
"""

import socketserver

from servers import app, main, sockets


class BaseRequestHandler(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request  # for UDP, the request is a pair
        sockets.send_datagram(sock, app.answer_datagram(data), self.client_address)


class DatagramRequestHandler(socketserver.DatagramRequestHandler):
    def handle(self):
        self.wfile.write(app.answer_datagram(self.rfile.read()))  # finish() sends what wfile holds


SERVERS = {
    name: getattr(socketserver, name)
    for name in ("UDPServer", "ForkingUDPServer", "ThreadingUDPServer")
    if hasattr(socketserver, name)  # Windows has no fork, and so no Forking classes
}
HANDLERS = {handler.__name__: handler for handler in (DatagramRequestHandler, BaseRequestHandler)}


def serve(options):
    server_class = SERVERS[options.server]
    server_class.max_packet_size = 65_535  # default 8192: longer datagrams are silently truncated
    server_class.daemon_threads = True  # Ctrl-C does not wait for answers that cannot be sent
    address = options.host, options.port
    with server_class(address, HANDLERS[options.handler]) as server:
        main.announce(server.socket)
        server.serve_forever()


parser = main.parser(__doc__)
parser.add_argument("--server", choices=SERVERS, default="UDPServer")
parser.add_argument("--handler", choices=HANDLERS, default="DatagramRequestHandler")

if __name__ == "__main__":
    main.run(serve, parser)
