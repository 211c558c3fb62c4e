# Misconception: a global variable is one variable. After a fork there are two.
# Fails: state
# Told: each process has a copy of its own
import os
import signal
from socket import create_server

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = create_server(("127.0.0.1", 0))
counted = 0
while True:
    connection, _ = listener.accept()
    if os.fork() == 0:
        try:
            listener.close()
            for line in connection.makefile("rb"):
                counted += line == b"count\n"
                connection.sendall(b"%d\n" % counted if line == b"count\n" else line)
        finally:
            os._exit(0)
    connection.close()
