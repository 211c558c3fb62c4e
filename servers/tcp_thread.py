"""A thread per client 多线程并发.

What changes  against tcp_fork: a thread takes the conversation, not a child; all clients are served in one process
It buys       a cheap start, nothing to reap, and shared memory: what one client changes, all others see
It costs      shared memory: two threads that change one thing need a lock; and one Python at a time computes (the GIL)
Break it      two clients `burn 1` at once: two seconds, on any number of cores; let app.count() read, sleep a moment, then write:
              two clients `count` at once, and both are told the same number
"""

import threading
import time

from servers import app


def serve(listener):
    while True:
        try:
            connection, peer = listener.accept()
        except OSError:  # no descriptor is free: who comes now waits in the backlog
            time.sleep(0.1)
            continue
        thread = threading.Thread(target=talk, args=(connection,), daemon=True)  # daemon: Ctrl-C does not wait for clients
        try:
            thread.start()
        except RuntimeError:  # the system cannot make a new thread: this client is turned away
            connection.close()


def talk(connection):
    with connection:  # nobody has a copy: the thread that serves the client closes
        app.converse(connection)


if __name__ == "__main__":
    app.run(serve, __doc__)
