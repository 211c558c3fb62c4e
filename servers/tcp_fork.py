"""fork(): a child process per client.

What changes  against tcp_loop: a child holds the conversation; the parent returns to accept()
It buys       clients that do not wait for each other, on all cores; a crash hits one client only
It costs      a process per client to start, to keep and to reap; no shared memory
Break it      remove connection.close(), and no client sees its connection end; remove the
              SIGCHLD handler, and zombies stay
"""

import contextlib
import os
import signal

from servers import app, main, sockets


def serve(options):
    signal.signal(signal.SIGCHLD, reap)
    with sockets.tcp_listener(options) as listener:
        main.announce(listener)
        while True:
            connection, peer = listener.accept()
            with contextlib.suppress(OSError):  # no process can be started: turn this client away
                if os.fork() == 0:
                    in_child(listener, connection)
            connection.close()  # the child has its own copy


def in_child(listener, connection):
    try:
        listener.close()
        with connection:
            app.converse(connection)
    finally:
        os._exit(0)  # not sys.exit(): a child must never return to its parent's loop


def reap(signal_number, frame):
    with contextlib.suppress(ChildProcessError):  # no child is left
        while os.waitpid(-1, os.WNOHANG)[0]:  # one signal may report several children
            pass


if __name__ == "__main__":
    main.require(hasattr(os, "fork"), "fork(), which Windows lacks. WSL2 has it.")
    main.run(serve, main.parser(__doc__))
