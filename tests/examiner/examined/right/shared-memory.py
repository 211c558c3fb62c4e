# A process per client, and a number in memory shared by all of them.
import multiprocessing
import signal
from socket import create_server


def talk(listener, connection, number):
    listener.close()
    with connection:
        for line in connection.makefile("rb"):
            if line == b"count\n":
                with number.get_lock():
                    number.value += 1
                    line = b"%d\n" % number.value
            connection.sendall(line)


if __name__ == "__main__":
    fork = multiprocessing.get_context("fork")
    signal.signal(signal.SIGCHLD, lambda *_: multiprocessing.active_children())
    number = fork.Value("i", 0)
    listener = create_server(("127.0.0.1", 0), backlog=100)
    while True:
        connection, _ = listener.accept()
        fork.Process(target=talk, args=(listener, connection, number), daemon=True).start()
        multiprocessing.active_children()  # a child may end before start() has recorded it: then the signal came too early
        connection.close()
