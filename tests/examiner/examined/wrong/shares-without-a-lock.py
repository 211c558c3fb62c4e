# Misconception: memory that processes share needs no lock: += is one step. It reads, and then it writes.
# Fails: state
# Told: two changed the number at once
import multiprocessing
from socket import create_server


def talk(listener, connection, number):
    listener.close()
    with connection:
        for line in connection.makefile("rb"):
            if line == b"count\n":
                number.value += 1
                line = b"%d\n" % number.value
            connection.sendall(line)


if __name__ == "__main__":
    fork = multiprocessing.get_context("fork")
    number = fork.Value("i", 0)
    listener = create_server(("127.0.0.1", 0), backlog=100)
    listener.settimeout(0.1)
    while True:
        multiprocessing.active_children()  # reaps the children that have ended
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        connection.settimeout(None)
        fork.Process(target=talk, args=(listener, connection, number), daemon=True).start()
        connection.close()
