"""I/O multiplexing I/O 多路复用 with poll(): the loop of tcp_select, with another selector.

What changes  against tcp_select: one word. poll() takes a list of sockets where select() takes a bit for each
It buys       as many clients as the process may hold descriptors: no end at 1,024
It costs      the whole list goes to the kernel at every call, and comes back: a thousand idle clients make each answer slower
Break it      hold 1,000 silent clients, and see what one that talks has to wait; or `burn 2`, as in tcp_select
"""

import selectors

from servers import app, tcp_select


def serve(listener):
    tcp_select.multiplex(listener, selectors.PollSelector())


if __name__ == "__main__":
    app.need(hasattr(selectors, "PollSelector"), "poll(), which Windows lacks: take tcp_select.")
    app.run(serve, __doc__)
