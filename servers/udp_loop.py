"""The loop model 循环模型 over UDP: one process, one datagram at a time.

What changes  against tcp_loop: no listen, no accept, no connection; a datagram in, a datagram out, to whoever sent it
It buys       a silent client holds nobody up: between two datagrams the server belongs to no one
It costs      nothing promises that a datagram arrives, arrives once, or in order; one slow answer still delays all others
Break it      ask for `sleep 2` from one client and for anything from another
"""

from servers import app


def serve(sock):
    while True:
        data, peer = sock.recvfrom(65_535)
        app.reply(sock, app.answer_datagram(data), peer)


if __name__ == "__main__":
    app.run(serve, __doc__, make=app.udp_socket)
