"""I/O multiplexing I/O 多路复用 with epoll(): tcp_select with a selector that remembers.

What changes  against tcp_select: one word. The kernel keeps the list of sockets and returns only
              those that are ready
It buys       ten thousand idle clients that cost an active one nothing
It costs      Linux only (macOS has kqueue instead); still one thread, so one core
Break it      one `burn 2` among ten thousand clients stalls them all
"""

import selectors

from servers import main, sockets, tcp_select


def serve(options):
    with sockets.tcp_listener(options) as listener:
        main.announce(listener)
        tcp_select.multiplex(listener, selectors.EpollSelector())


if __name__ == "__main__":
    needed = "epoll, which only Linux has: take tcp_poll or tcp_select."
    main.require(hasattr(selectors, "EpollSelector"), needed)
    main.run(serve, main.parser(__doc__))
