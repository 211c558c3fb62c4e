"""A pool: a fixed number of threads, or of processes, made once 线程池/进程池.

What changes  against tcp_thread and tcp_process: workers are made before the first client, and each of them is a loop model
It buys       a limit: a crowd of clients cannot take more threads, processes and memory than were planned; no start per client
It costs      a worker belongs to one client until that one leaves: whoever comes when all are taken waits in the backlog
Break it      connect as many silent clients as there are workers (--workers 4), and nobody else is served
"""

import multiprocessing
import os
import signal
import sys
import threading

from servers import app


def serve(listener, workers, pool):
    make = threads if pool == "threads" else processes
    for worker in make(workers, listener):
        worker.join()


def threads(number, listener):
    # Each has a descriptor of its own (dup(2)) for the one listener: Ctrl-C closes ours, and a worker may be on its way to accept.
    crew = [threading.Thread(target=work, args=(listener.dup(),), daemon=True) for _ in range(number)]
    for thread in crew:
        thread.start()
    return crew


def processes(number, listener):
    fork = multiprocessing.get_context("fork")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # on its way out, the library ends all daemons
    crew = [fork.Process(target=work_in_child, args=(listener,), daemon=True) for _ in range(number)]
    with app.undisturbed():
        for process in crew:
            process.start()
    return crew


def work(listener):
    while True:
        connection, peer = listener.accept()  # all workers wait here; the kernel gives each client to one of them
        with connection:
            app.converse(connection)


def work_in_child(listener):
    app.leave_signals_to_the_parent()
    work(listener)


def make_listener(options):
    app.need(options.pool == "threads" or hasattr(os, "fork"), "fork(), which Windows lacks: take --pool threads, or WSL2.")
    return app.tcp_listener(options)


if __name__ == "__main__":
    app.run(serve, __doc__, make_listener, workers=4, pool=("threads", "processes"))
