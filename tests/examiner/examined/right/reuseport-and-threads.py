# Three workers, each with its own listener on the same port, and a thread per client.
import contextlib
import os
import signal
import socket
import threading


def bound(port):
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    one.bind(("127.0.0.1", port))
    return one


def talk(connection):
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            connection.sendall(data)


def work(port):
    listener = bound(port)
    listener.listen(100)
    while True:
        threading.Thread(target=talk, args=[listener.accept()[0]], daemon=True).start()


place = bound(0)
port = place.getsockname()[1]
workers = []
for _ in range(3):
    pid = os.fork()
    if pid == 0:
        place.close()
        work(port)
    workers.append(pid)


def end(*_):
    for pid in workers:
        os.kill(pid, signal.SIGTERM)
    for pid in workers:
        os.waitpid(pid, 0)
    os._exit(0)


signal.signal(signal.SIGTERM, end)
while True:
    signal.pause()
