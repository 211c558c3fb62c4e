"""socketserver over UDP: UDPServer, ForkingUDPServer, ThreadingUDPServer, with either handler that fits.

What changes  against socketserver_tcp: a request is one datagram, so a handler lives for one question and its answer
It buys       a child or a thread per datagram: one slow answer delays nobody
It costs      a whole process for one packet; answers may overtake each other
Break it      take UDPServer and ask for `sleep 2` twice at once; set max_packet_size back to 8192 and send 9,000 bytes
"""

import socketserver

from servers import app


class BaseRequestHandler(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request  # for UDP, the request is a pair
        app.reply(sock, app.answer_datagram(data), self.client_address)


class DatagramRequestHandler(socketserver.DatagramRequestHandler):
    def handle(self):
        self.wfile.write(app.answer_datagram(self.rfile.read()))  # finish() sends what wfile holds


SERVERS = socketserver.UDPServer, getattr(socketserver, "ForkingUDPServer", None), socketserver.ThreadingUDPServer
HANDLERS = DatagramRequestHandler, BaseRequestHandler


def serve(server_class, handler, options):
    server_class.max_packet_size = 65_535  # the default, 8192, cuts longer datagrams off without a word
    server_class.daemon_threads = True  # Ctrl-C does not wait for answers that have no socket any more
    with server_class((options.host, options.port), handler) as server:
        app.announce(server.socket)
        server.serve_forever()


if __name__ == "__main__":
    app.run_socketserver(serve, __doc__, SERVERS, HANDLERS)
