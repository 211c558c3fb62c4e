# Misconception: a child that was started has to be waited for, right away.
# Fails: concurrency
# Told: the parent waits in join() for the child
import multiprocessing
from socket import create_server


def talk(connection):
    with connection:
        for line in connection.makefile("rb"):
            connection.sendall(line)


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    with create_server(("127.0.0.1", 0)) as listener:
        while True:
            connection, _ = listener.accept()
            with connection:
                child = multiprocessing.Process(target=talk, args=[connection])
                child.start()
                child.join()
