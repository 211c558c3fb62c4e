"""A thread per client 多线程并发.

What changes  against tcp_fork: a thread holds the conversation, in the one process that serves all
It buys       a cheap start, nothing to reap, and shared memory: every client sees every change
It costs      shared memory: threads that change the same data need a lock; and only one thread
              at a time runs Python code (the GIL)
Break it      `burn 1` from two clients at once takes two seconds, on any number of cores. Make
              app.count() read, sleep, then write: two clients at once get the same number
"""

import threading
import time

from servers import app, main, sockets


def serve(options):
    with sockets.tcp_listener(options) as listener:
        main.announce(listener)
        while True:
            try:
                connection, peer = listener.accept()
            except OSError:  # no descriptor is free: new clients wait in the backlog
                time.sleep(0.1)
                continue
            # A daemon thread: Ctrl-C does not wait for clients.
            thread = threading.Thread(target=talk, args=(connection,), daemon=True)
            try:
                thread.start()
            except RuntimeError:  # no thread can be started: turn this client away
                connection.close()


def talk(connection):
    with connection:  # no process has a copy: the thread itself closes it
        app.converse(connection)


if __name__ == "__main__":
    main.run(serve, main.parser(__doc__))
