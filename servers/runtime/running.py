"""The servers that this notebook runs: a new one replaces the one of its name, and all end with Python."""

import atexit
import contextlib
import os
import threading

servers: dict = {}  # a Server's key -> the Server
_one_at_a_time = threading.Lock()
_launcher = os.getpid()  # a forked child has a copy of `servers`, and of the pipes, but the servers are not its own


@contextlib.contextmanager
def replacing(server):
    """Starting a server is this block: the one that runs under its key is stopped before, and nobody else starts one meanwhile."""
    with _one_at_a_time:
        if before := servers.get(server.key):
            before.stop()
        yield
        servers[server.key] = server


def remove(server):
    """It has been stopped. (Under its key another may run by now.)"""
    if servers.get(server.key) is server:
        del servers[server.key]


@atexit.register
def stop_all():
    """At the end of a plain Python program; a notebook's kernel is killed, and the supervisors notice that themselves."""
    if os.getpid() != _launcher:  # a forked child inherits this handler, not the servers
        return
    for server in list(servers.values()):
        server.stop(grace=0.2)
