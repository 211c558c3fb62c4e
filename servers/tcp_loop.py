"""The loop model 循环模型: one process, one client at a time.

What is new   an endless loop around accept() and one whole conversation
It buys       simplicity: no locks, no children, the memory of one client
It costs      the second client waits in the kernel's backlog until the first leaves
Break it      connect one client and let it stay silent: every other client waits forever
"""

from servers import app, main, sockets


def serve(options):
    with sockets.tcp_listener(options) as listener:
        main.announce(listener)
        while True:
            connection, peer = listener.accept()
            with connection:
                app.converse(connection)


if __name__ == "__main__":
    main.run(serve, main.parser(__doc__))
