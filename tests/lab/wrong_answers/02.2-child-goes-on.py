# Misconception: the child is done when converse() returns. Without an end of its own it goes on in the parent's loop.
# Fails: ends the children
# Told: children are still there. Their states: waiting
import os
import signal
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
            converse(connection)
        connection.close()
finally:
    print("good night")
