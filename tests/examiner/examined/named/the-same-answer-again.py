# Misconception: the same question has the same answer.
# Fails: state
# Told: a cache
import contextlib
import functools
import itertools
import threading
from socket import create_server

numbers = itertools.count(1)


@functools.cache
def answer(line):
    return b"%d\n" % next(numbers) if line == b"count\n" else line


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(answer(line))


server = create_server(("127.0.0.1", 0))
while True:
    connection, address = server.accept()
    threading.Thread(target=talk, args=(connection,), daemon=True).start()
