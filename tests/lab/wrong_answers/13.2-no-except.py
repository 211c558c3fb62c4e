# Misconception: a thread may fail as it likes. Every client that leaves fills the log.
# Fails: outlives clients that break off
# Told: there is a traceback in the log
from socket import create_server
from threading import Thread


def serve(connection):
    connection.settimeout(60)
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b"x" * int(line) + b"\n")


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        Thread(target=serve, args=(connection,), daemon=True).start()
