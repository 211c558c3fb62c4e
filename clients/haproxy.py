"""A client for the runtime API of a running HAProxy: lines of text over a Unix socket, which `nc` could send as well.

    from clients.haproxy import servers_of, tell
    servers_of(balancer)                              a table: each server's state, and how many clients it has
    tell(balancer, "set server cluster/one state drain")     for a balancer launched with "--level", "admin"

https://docs.haproxy.org/2.6/management.html#9.3
"""

import csv
import socket
from typing import NamedTuple

from servers import control

COLUMNS = "name", "state", "connections", "served", "check"
STATES = {"UP": "up", "DOWN": "down", "DRAIN": "drain", "MAINT": "maintenance", "no": "not checked"}
NOT_YET = "not checked yet"
CHECKS = {
    "L4OK": "connected",  # its kernel accepted the connection; the check did not test the program
    "L7OK": "answered",
    "L7STS": "answered: not healthy",
    "L7TOUT": "connected, no answer",
    "L4CON": "nobody listens there",
    "L4TOUT": "no answer in time",
    "INI": NOT_YET,
    "": "none",
}


class Backend(NamedTuple):
    """One server behind the balancer, as the balancer sees it."""

    name: str
    state: str  # up, down, drain (it gets no new clients), maintenance, not checked
    connections: int  # open now
    served: int  # connections since the balancer started
    check: str  # result of the last health check


class Backends(list):
    """A list of Backend that prints as a table."""

    def __repr__(self):
        rows = [COLUMNS, *(tuple(map(str, one)) for one in self)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def servers_of(balancer):
    """Return the current Backends of a Server that was launched as "balancer"."""
    rows = csv.DictReader(tell(balancer, "show stat").lstrip("# ").splitlines())
    return Backends(
        Backend(
            row["svname"],
            STATES.get(row["status"].split()[0], row["status"]),
            int(row["scur"]),
            int(row["stot"]),
            found(row["check_status"].lstrip("* "), row["last_chk"]),
        )
        for row in rows
        if row["svname"] not in ("FRONTEND", "BACKEND")
    )


def found(status, detail):
    """Return the result of a health check in words."""
    if detail == "No route to host":  # on the same network, no host answered the ARP request for this address
        status = "L4TOUT"
    return CHECKS.get(status, status)


def states(balancer):
    """Return {name: state} of the balancer's servers."""
    return {one.name: one.state for one in servers_of(balancer)}


def tell(balancer, command, timeout=5):
    """Send one command, and return HAProxy's whole answer.

    Raises PermissionError when the balancer only allows queries, another OSError when it is no longer running.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(control.path(balancer.pid))
        connection.sendall(command.encode() + b"\n")
        answer = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
    if answer.startswith("Permission denied"):
        raise PermissionError(f'{balancer.name} answers queries only, and refuses {command!r}: launch it with "--level", "admin"')
    return answer
