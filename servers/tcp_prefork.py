"""Prefork: workers that were forked before the first client came, all accepting on one port.

What changes  against tcp_pool: fork() itself, a parent that serves nobody, and a new worker for each that dies
It buys       all cores and no fork per client: short visits are cheap; a worker that crashes is replaced
It costs      a worker is a loop model: as many clients at a time as there are workers (--workers 4), the next one waits
Break it      kill a worker, and see another PID take its place; keep every worker busy with `sleep 5`, then connect once more

With --reuseport each worker has a listener of its own on the same port (SO_REUSEPORT, socket(7)): the kernel deals new clients
out by a hash of their address, and a client may wait for a busy worker while another one is free.
"""

import os
import signal
import sys

from servers import app


def serve(options):
    app.need(hasattr(os, "fork"), "fork(), which Windows lacks. WSL2 has it.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that `finally` below is reached
    listeners = listeners_for(options)
    app.announce(listeners[0])
    workers = {}  # PID -> its listener
    try:
        for number in range(options.workers):
            listener = listeners[number % len(listeners)]
            workers[fork_worker(listener)] = listener
        while True:
            pid, status = os.wait()
            listener = workers.pop(pid)
            print("worker", pid, "has ended; another takes its place")
            workers[fork_worker(listener)] = listener
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGTERM)


def listeners_for(options):
    """One listener for all workers, or one for each on the same port."""
    first = app.tcp_listener(options, options.reuseport)
    options.port = first.getsockname()[1]
    more = options.workers - 1 if options.reuseport else 0
    return [first, *(app.tcp_listener(options, reuse_port=True) for _ in range(more))]


def fork_worker(listener):
    """The new worker's PID; in the worker it does not return."""
    if pid := os.fork():
        return pid
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to hear
        while True:
            connection, peer = listener.accept()
            with connection:
                app.converse(connection)
    finally:
        os._exit(1)


if __name__ == "__main__":
    parser = app.arguments(__doc__)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--reuseport", action="store_true", help="a listener for each worker")
    app.until_interrupted(serve, parser.parse_args())
