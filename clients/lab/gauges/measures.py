"""The quantities that a gauge can measure: of a server, and of its clients."""

import decimal
import functools
import math
import numbers
import time

import psutil

from servers.runtime import Server


def zombies(server):
    """Count the processes that have ended and were not reaped."""
    return sum(process.state == "zombie" for process in server.processes())


def processes(server):
    return len(server.processes())


def threads(server):
    """Count the threads in all processes of the server."""
    return sum(process.threads or 0 for process in server.processes())


def descriptors(server):
    """Count the open descriptors of the process that has the most, because the limit is per process."""
    return max((process.descriptors or 0 for process in server.processes()), default=0)


def memory(server):
    """Return the memory of all the server's processes, in bytes."""
    return sum(process.memory or 0 for process in server.processes())


def errors(server):
    return sum("Error:" in line for line in server.log.splitlines())


class Cores:
    """Measure the CPU time used by the server's processes since the last measurement, divided by the elapsed time."""

    SHORTEST = 0.3  # seconds between two measurements: the system counts CPU time in steps of 10 ms

    def __init__(self, server):
        self._server = server
        self._at, self._used, self._value = time.monotonic(), self._times(), 0.0

    def _times(self):
        return {process.pid: process.cpu for process in self._server.processes() if process.cpu is not None}

    def __call__(self):
        now = time.monotonic()
        if now - self._at >= self.SHORTEST:
            used = self._times()
            self._value = sum(cpu - self._used.get(pid, 0) for pid, cpu in used.items()) / (now - self._at)
            self._at, self._used = now, used
        return self._value


def in_the_backlog(clients):
    """Count the clients that the kernel has connected and the server has not accepted."""
    return sum(client.accepted is False for client in clients)


def connecting(clients):
    """Count the clients whose handshake has not been answered."""
    return sum(client.state == "connecting" for client in clients)


def unanswered(clients):
    """Count the clients that wait to be connected, accepted or answered."""
    return sum(client.waiting for client in clients)


OF_A_SERVER = {
    "zombies": zombies,
    "processes": processes,
    "threads": threads,
    "descriptors": descriptors,
    "memory": memory,
    "cores in use": Cores,
    "errors in the log": errors,
}
OF_CLIENTS = {
    "waiting in the backlog": in_the_backlog,
    "connecting": connecting,
    "unanswered clients": unanswered,
}


def measure_of(what, name):
    """Return a function without arguments that measures `name` of `what`. Raises ValueError for an unknown name."""
    if callable(what):
        return what
    known = OF_A_SERVER if isinstance(what, Server) else OF_CLIENTS
    if name not in known:
        kind = "a server" if isinstance(what, Server) else "clients"
        raise ValueError(
            f"a gauge of {kind} measures one of: {', '.join(known)}. Not {name!r}. "
            "For a number of your own write Gauge(function, name), where function() returns it."
        )
    measure = known[name]
    return measure(what) if measure is Cores else functools.partial(measure, what)


def as_number(value):
    """Return a finite number as an int or a float. Raises TypeError for anything else, ValueError for infinity and NaN."""
    if isinstance(value, numbers.Integral):
        return int(value)
    if not isinstance(value, (numbers.Real, decimal.Decimal)):
        raise TypeError(f"a gauge shows a number, and {value!r} is not one")
    value = float(value)  # also converts a Fraction
    if not math.isfinite(value):
        raise ValueError(f"a gauge shows a finite number, not {value}")
    return value


def limit_of(what, name):
    """Return the descriptor limit of each process of a server; None for any other quantity, or if the system does not report it."""
    if name != "descriptors" or not isinstance(what, Server) or not what.pid:
        return None
    try:
        limit = psutil.Process(what.pid).rlimit(psutil.RLIMIT_NOFILE)[0]
    except (psutil.Error, AttributeError):  # only Linux reports it
        return None
    return limit if limit > 0 else None  # -1: no limit
