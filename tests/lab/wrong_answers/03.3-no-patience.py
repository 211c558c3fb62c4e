# Misconception: workers that survive are enough. Two silent clients, and nobody else is served.
# Fails: shows the silent the door
# Told: two clients were connected and silent; Cem asked, and had no answer
import threading
import traceback
from socket import create_server


def talk(connection):
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b"%d\n" % (int(line) ** 2))


def work(listener):
    while True:
        connection, peer = listener.accept()
        try:
            talk(connection)
        except Exception:
            traceback.print_exc()


with create_server(("127.0.0.1", 0)) as listener:
    crew = [threading.Thread(target=work, args=(listener,), daemon=True) for _ in range(2)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
