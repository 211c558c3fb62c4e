"""A process per client 多进程并发, with multiprocessing.

What changes  against tcp_fork: the library forks, ends the child and keeps track of live children;
              we write only what the child does
It buys       all cores, as with tcp_fork, plus names and exit codes; daemons end with their parent
It costs      more per client than a bare fork: the parent keeps a pipe to every child, and each
              child inherits the earlier pipes
Break it      remove the SIGCHLD handler, and zombies stay until the next client connects; kill -9
              the parent, and see which processes remain
"""

import contextlib
import multiprocessing
import os
import signal
import sys

from servers import app, main, sockets


def serve(options):
    # Not spawn or forkserver, the defaults elsewhere: they start a new Python without our memory.
    fork = multiprocessing.get_context("fork")
    signal.signal(signal.SIGCHLD, lambda *_: multiprocessing.active_children())  # reaps the dead
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # on exit, the library ends all daemons
    with sockets.tcp_listener(options) as listener:
        main.announce(listener)
        while True:
            connection, peer = listener.accept()
            # OSError: no process can be started, so this client is turned away.
            with sockets.signals_blocked(), contextlib.suppress(OSError):
                fork.Process(target=talk, args=(listener, connection), daemon=True).start()
            connection.close()  # the child has its own copy


def talk(listener, connection):
    sockets.leave_signals_to_the_parent()
    listener.close()
    with connection:
        app.converse(connection)


if __name__ == "__main__":
    main.require(hasattr(os, "fork"), "fork(), which Windows lacks. WSL2 has it.")
    main.run(serve, main.parser(__doc__))
