"""A pool: a fixed number of threads, or of processes, made once 线程池/进程池.

What changes  against tcp_thread and tcp_process: workers are made before the first client, and each of them is a loop model
It buys       a limit: a crowd of clients cannot take more threads, processes and memory than were planned; no start per client
It costs      a worker belongs to one client until that one leaves: whoever comes when all are taken waits in the backlog
Break it      connect as many silent clients as there are workers (--workers 4), and nobody else is served
"""

import multiprocessing
import threading

from servers import app


def serve(listener, workers, pool):
    worker = threading.Thread if pool == "threads" else forked_process()
    crew = [worker(target=work, args=(listener,), daemon=True) for _ in range(workers)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()


def work(listener):
    while True:
        connection, peer = listener.accept()  # all workers wait here; the kernel gives each client to one of them
        with connection:
            app.converse(connection)


def forked_process():
    app.need("fork" in multiprocessing.get_all_start_methods(), "fork(), which Windows lacks: take --pool threads, or WSL2.")
    return multiprocessing.get_context("fork").Process


if __name__ == "__main__":
    app.run(serve, __doc__, workers=4, pool=("threads", "processes"))
