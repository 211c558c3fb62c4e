"""The servers that this notebook runs: a new one replaces the one of the same name, and all end with Python."""

import atexit
import contextlib
import os
import threading

servers: dict = {}  # a Server's key -> the Server
_one_at_a_time = threading.Lock()
_launcher = os.getpid()  # a forked child has copies of `servers` and of the pipes, but does not own the servers


@contextlib.contextmanager
def replacing(server):
    """Start a server inside this block: one running under the same key is stopped first, and no other thread starts one meanwhile."""
    with _one_at_a_time:
        if before := servers.get(server.key):
            before.stop()
        yield
        servers[server.key] = server


def remove(server):
    """Forget a server that has been stopped. (Another may run under its key by now.)"""
    if servers.get(server.key) is server:
        del servers[server.key]


@atexit.register
def stop_all():
    """Stop all servers when a plain Python program exits; a notebook's kernel is killed, which the supervisors notice themselves."""
    if os.getpid() != _launcher:  # a forked child inherits this handler, not the servers
        return
    for server in list(servers.values()):
        server.stop(grace=0.2)
