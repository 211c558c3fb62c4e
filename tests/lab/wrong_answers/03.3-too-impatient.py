# Misconception: the shorter the timeout, the better. A client that thinks for a moment is thrown out.
# Fails: is not too impatient
# Told: silent for 0.2 s, then sent '5'
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
        connection.settimeout(0.1)
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
