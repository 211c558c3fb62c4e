# Misconception: code that does not pause needs no lock. Writing to the log is a pause: another thread runs.
# Fails: state
# Told: two changed the number at once
import contextlib
import threading
from socket import create_server

numbers = {"count": 0}


def look_up(name):
    return numbers[name]


def write(name, value):
    numbers[name] = value


def answer(line):
    if line != b"count\n":
        return line
    number = look_up("count") + 1
    print("counted", number)
    write("count", number)
    return b"%d\n" % number


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(answer(line))


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
