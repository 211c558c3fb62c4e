"""The loop model 循环模型: one process, one client at a time, the next after the last has left.

What is new   an endless loop around accept() and one whole conversation
It buys       simplicity: no locks, no children, the memory of one client
It costs      whoever comes second waits, in the kernel's backlog, until the first has left
Break it      connect a first client and let it be silent: everybody else waits for ever
"""

from servers import app


def serve(listener):
    while True:
        connection, peer = listener.accept()
        with connection:
            app.converse(connection)


if __name__ == "__main__":
    app.run(serve, __doc__)
