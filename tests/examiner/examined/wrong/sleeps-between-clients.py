# Misconception: a loop without a sleep() would use up a core. accept() waits by itself; after a sleep(), clients wait, too.
# Fails: prompt
# Told: the server pauses before it answers
import contextlib
import threading
import time
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line)


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
    time.sleep(0.4)
