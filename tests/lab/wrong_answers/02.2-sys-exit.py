# Misconception: sys.exit() ends a process at once. It raises SystemExit, and the parent's `finally` runs in the child.
# Fails: children do not unwind
# Told: it has said 'good night'
import os
import signal
import sys
from socket import create_server

signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def converse(connection):
    try:
        while data := connection.recv(1024):
            print("it says:", data.decode().rstrip(), flush=True)
            connection.sendall(data)
    except ConnectionError:
        print("it broke off", flush=True)


listener = create_server(("127.0.0.1", 0))
try:
    while True:
        connection, peer = listener.accept()
        if os.fork() == 0:
            listener.close()
            converse(connection)
            sys.exit()
        connection.close()
finally:
    print("good night")
