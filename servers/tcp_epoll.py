"""I/O multiplexing I/O 多路复用 with epoll(): the loop of tcp_select, with a selector that remembers.

What changes  against tcp_select: one word. The kernel keeps the list of sockets, and tells only which of them are ready
It buys       ten thousand idle clients that cost a talking one nothing
It costs      Linux only (macOS has kqueue for it); still one thread, and so one core
Break it      one `burn 2` among ten thousand clients stops them all
"""

import selectors

from servers import app, tcp_select


def serve(listener):
    tcp_select.multiplex(listener, selectors.EpollSelector())


if __name__ == "__main__":
    app.need(hasattr(selectors, "EpollSelector"), "epoll, which only Linux has: take tcp_poll or tcp_select.")
    app.run(serve, __doc__)
