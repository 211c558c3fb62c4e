"""A pool: a fixed number of threads or processes, started once 线程池/进程池.

What changes  against tcp_thread and tcp_process: the workers start before the first client comes,
              and each of them is a loop model
It buys       a limit: no crowd of clients takes more threads, processes or memory than planned;
              no start-up cost per client
It costs      a worker serves one client until that client leaves: when all workers are busy, the
              next client waits in the backlog
Break it      connect as many silent clients as there are workers (--workers 4): no other client
              is served
"""

import multiprocessing
import os
import signal
import sys
import threading

from servers import app, main, sockets


def serve(options):
    main.require(
        options.pool == "threads" or hasattr(os, "fork"),
        "fork(), which Windows lacks: take --pool threads, or WSL2.",
    )
    with sockets.tcp_listener(options) as listener:
        main.announce(listener)
        for worker in POOLS[options.pool](options.workers, listener):
            worker.join()


def threads(number, listener):
    # Each worker has its own descriptor of the one listener (dup(2)): Ctrl-C closes ours, perhaps
    # just before a worker calls accept().
    crew = [
        threading.Thread(target=work, args=(listener.dup(),), daemon=True) for _ in range(number)
    ]
    for thread in crew:
        thread.start()
    return crew


def processes(number, listener):
    fork = multiprocessing.get_context("fork")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # on exit, the library ends all daemons
    crew = [
        fork.Process(target=work_in_child, args=(listener,), daemon=True) for _ in range(number)
    ]
    with sockets.signals_blocked():
        for process in crew:
            process.start()
    return crew


def work(listener):
    while True:
        connection, peer = listener.accept()  # all wait here; the kernel picks one per client
        with connection:
            app.converse(connection)


def work_in_child(listener):
    sockets.leave_signals_to_the_parent()
    work(listener)


POOLS = {"threads": threads, "processes": processes}
parser = main.parser(__doc__)
parser.add_argument("--workers", type=main.number(1), default=4, help="number of workers (4)")
parser.add_argument("--pool", choices=POOLS, default="threads", help="kind of workers (threads)")

if __name__ == "__main__":
    main.run(serve, parser)
