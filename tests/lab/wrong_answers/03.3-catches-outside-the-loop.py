# Misconception: the error is caught, so the worker lives. It is caught outside of the loop, which has been left.
# Fails: survives words
# Told: ValueError: invalid literal for int()
import threading
import traceback
from socket import create_server


def talk(connection):
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b"%d\n" % (int(line) ** 2))


def work(listener):
    try:
        while True:
            connection, peer = listener.accept()
            connection.settimeout(1)
            talk(connection)
    except Exception:
        traceback.print_exc()


with create_server(("127.0.0.1", 0)) as listener:
    crew = [threading.Thread(target=work, args=(listener,), daemon=True) for _ in range(2)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
