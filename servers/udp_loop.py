"""The loop model 循环模型 over UDP: one process, one datagram at a time.

What changes  against tcp_loop: no listen, no accept, no connection; one datagram comes in, one goes
              out to its sender
It buys       a silent client delays no other: between datagrams the server is tied to no client
It costs      no guarantee that a datagram arrives, arrives once, or arrives in order; one slow
              answer still delays all others
Break it      send `sleep 2` from one client and anything from another
"""

from servers import app, main, sockets


def serve(options):
    with sockets.udp_socket(options) as sock:
        main.announce(sock)
        while True:
            data, peer = sock.recvfrom(65_535)
            sockets.send_datagram(sock, app.answer_datagram(data), peer)


if __name__ == "__main__":
    main.run(serve, main.parser(__doc__))
