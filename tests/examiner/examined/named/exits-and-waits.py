# Misconception: sys.exit() ends a program. It waits for threads that are not daemons.
# Fails: clean stop
# Told: Python waits for all threads
import contextlib
import signal
import sys
import threading
from socket import create_server


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line)


signal.signal(signal.SIGTERM, lambda *_: sys.exit())
listener = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=listener.accept()[:1]).start()
