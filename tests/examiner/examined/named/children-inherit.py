# Misconception: the parent closes a connection when the client's child has ended; but children of later clients have it, too.
# Fails: half-close
# Told: a child that inherited it
import contextlib
import os
import signal
from socket import create_server

connections = {}


def reap(number, frame):
    with contextlib.suppress(ChildProcessError):
        while connections and (pid := os.waitpid(-1, os.WNOHANG)[0]):
            connections.pop(pid).close()


server = create_server(("127.0.0.1", 0))
signal.signal(signal.SIGCHLD, reap)
while True:
    connection, address = server.accept()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    if pid := os.fork():
        connections[pid] = connection
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        continue
    with contextlib.suppress(ConnectionError):
        for line in connection.makefile("rb"):
            connection.sendall(line)
    os._exit(0)
