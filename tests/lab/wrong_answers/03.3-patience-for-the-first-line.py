# Misconception: who has said something once, will go on. A client that is answered, and then silent, keeps its worker.
# Fails: ends every silence
# Told: Ann and Ben had been answered, and were silent then
import threading
import traceback
from socket import create_server


def talk(connection):
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.settimeout(None)
            connection.sendall(b"%d\n" % (int(line) ** 2))


def work(listener):
    while True:
        connection, peer = listener.accept()
        connection.settimeout(1)
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
