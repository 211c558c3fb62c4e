"""Asks a running HAProxy about its servers: its runtime API, lines of text over a connection, as `nc` could send them.

    from clients.haproxy import servers_of, tell
    servers_of(balancer)                              a table: who is up, who is down, who has how many clients
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
    "L4OK": "connected",  # with its kernel: whether the program behind it works, nobody has asked
    "L7OK": "answered",
    "L7STS": "said that it is not well",
    "L7TOUT": "connected, no answer",
    "L4CON": "nobody listens there",
    "L4TOUT": "no answer in time",
    "INI": NOT_YET,
    "": "none",
}


class Backend(NamedTuple):
    """One server, as the balancer sees it."""

    name: str
    state: str  # up, down, drain (gets no new clients), maintenance, not checked
    connections: int  # open now
    served: int  # connections since the balancer started
    check: str  # what the last health check found


class Backends(list):
    """A list of Backend that prints as a table."""

    def __repr__(self):
        rows = [COLUMNS, *(tuple(map(str, one)) for one in self)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def servers_of(balancer):
    """The Backends of a Server that was launched as "balancer", as they stand now."""
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
    """What a health check found, in words."""
    if detail == "No route to host":  # on the same network: nobody answered the question who has this address (ARP)
        status = "L4TOUT"
    return CHECKS.get(status, status)


def states(balancer):
    """{name: state} of its servers."""
    return {one.name: one.state for one in servers_of(balancer)}


def tell(balancer, command, timeout=5):
    """Send one command, and return HAProxy's whole answer.

    Raises PermissionError when the balancer lets one look only, another OSError when it is gone.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(control.path(balancer.pid))
        connection.sendall(command.encode() + b"\n")
        answer = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
    if answer.startswith("Permission denied"):
        raise PermissionError(f'{balancer.name} lets you look, and takes no {command!r}: launch it with "--level", "admin"')
    return answer
