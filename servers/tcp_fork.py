"""fork(): a child process per client.

What changes  against tcp_loop: the conversation moves into a child; the parent goes straight back to accept()
It buys       clients that do not wait for each other, on all cores; one that crashes takes only its own process along
It costs      a process per client, to start, to keep and to reap; nothing in memory is shared
Break it      leave out connection.close(), and no client sees the end; leave out SIGCHLD, and zombies stay
"""

import contextlib
import os
import signal

from servers import app


def serve(listener):
    signal.signal(signal.SIGCHLD, reap)
    while True:
        connection, peer = listener.accept()
        with contextlib.suppress(OSError):  # the system cannot make a new process: this client is turned away
            if os.fork() == 0:
                in_child(listener, connection)
        connection.close()  # the child has its own copy


def in_child(listener, connection):
    try:
        listener.close()
        with connection:
            app.converse(connection)
    finally:
        os._exit(0)  # not sys.exit: a child must never return into its parent's loop


def reap(signal_number, frame):
    with contextlib.suppress(ChildProcessError):  # no child is left
        while os.waitpid(-1, os.WNOHANG)[0]:  # one signal may stand for several children
            pass


if __name__ == "__main__":
    app.need(hasattr(os, "fork"), "fork(), which Windows lacks. WSL2 has it.")
    app.run(serve, __doc__)
