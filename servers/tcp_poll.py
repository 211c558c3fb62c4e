"""I/O multiplexing I/O 多路复用 with poll(): the loop of tcp_select with another selector.

What changes  against tcp_select: one word. poll() takes a list of sockets, select() a bit for each
It buys       as many clients as the process may have descriptors: the limit of 1,024 is gone
It costs      the whole list goes to the kernel and back on every call: a thousand idle clients
              make each answer slower
Break it      connect 1,000 silent clients and see how long an active one has to wait; or send
              `burn 2`, as in tcp_select
"""

import selectors

from servers import main, sockets, tcp_select


def serve(options):
    with sockets.tcp_listener(options) as listener:
        main.announce(listener)
        tcp_select.multiplex(listener, selectors.PollSelector())


if __name__ == "__main__":
    needed = "poll(), which Windows lacks: take tcp_select."
    main.require(hasattr(selectors, "PollSelector"), needed)
    main.run(serve, main.parser(__doc__))
