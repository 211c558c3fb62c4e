"""Prefork: workers forked before the first client comes, all accepting on one port.

What changes  against tcp_pool: fork() itself, a parent that serves no client, and a new worker
              for each one that dies
It buys       all cores, no fork per client: short connections are cheap; dead workers are replaced
It costs      a worker is a loop model: only as many clients at a time as there are workers
              (--workers 4); the next one waits
Break it      kill a worker and see another PID take its place; keep every worker busy with
              `sleep 5`, then connect once more

With --reuseport each worker has its own listener on the same port (SO_REUSEPORT, socket(7)): the
kernel spreads new clients by a hash of their addresses, so a client may wait for a busy worker
while another is free.
"""

import contextlib
import os
import signal
import sys
import time

from servers import app, main, sockets

PAUSE = 0.1  # seconds before a worker is replaced: no fork bomb when workers die at once


def serve(options):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that `finally` below runs
    listeners = listeners_for(options)
    workers = {}  # PID -> its listener
    try:
        for number in range(options.workers):
            fork_worker(listeners[number % len(listeners)], workers)
        main.announce(listeners[0])
        while True:
            pid, status = os.wait()
            listener = workers.pop(pid)
            print("worker", pid, "has ended; another takes its place")
            time.sleep(PAUSE)
            fork_worker(listener, workers)
    finally:
        end(workers)


def listeners_for(options):
    """Return one listener for all workers, or one for each on the same port."""
    first = sockets.tcp_listener(options, options.reuseport)
    options.port = first.getsockname()[1]
    more = options.workers - 1 if options.reuseport else 0
    return [first, *(sockets.tcp_listener(options, reuse_port=True) for _ in range(more))]


def fork_worker(listener, workers):
    with sockets.signals_blocked():
        pid = os.fork()
        if pid == 0:
            work(listener)
        workers[pid] = listener


def work(listener):
    """Run the loop model in the child; never return to the parent's loop."""
    try:
        sockets.leave_signals_to_the_parent()
        while True:
            connection, peer = listener.accept()
            with connection:
                app.converse(connection)
    except Exception:
        sys.excepthook(*sys.exc_info())  # os._exit() prints no traceback
    finally:
        os._exit(1)


def end(workers):
    for pid in workers:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):  # it has just ended
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)


parser = main.parser(__doc__)
parser.add_argument("--workers", type=main.number(1), default=4, help="number of workers (4)")
parser.add_argument("--reuseport", action="store_true", help="a listener for each worker")

if __name__ == "__main__":
    main.require(hasattr(os, "fork"), "fork(), which Windows lacks. WSL2 has it.")
    main.run(serve, parser)
