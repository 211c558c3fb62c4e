"""What the processes of a server's tree listen at, or have bound for datagrams, whoever has done that: the operating system tells."""

import contextlib
import itertools
import os
import re
import socket
from pathlib import Path

import psutil

from servers.runtime import tcp_listeners
from servers.runtime.events import IPV4
from servers.runtime.process_table import members

# What only a program loads that makes interpreters: until Python 3.12, and from 3.13 on. asyncio loads _interpreters from 3.14 on.
INTERPRETERS = re.compile(r"/_(?:xxsubinterpreters|interpqueues)\.")


def bound(connections):
    """(kind, address) of the psutil connections that listen (TCP) or wait for anybody's datagrams (UDP)."""
    for connection in connections:
        address = connection.laddr and (connection.laddr.ip.removeprefix(IPV4), connection.laddr.port)
        if connection.status == psutil.CONN_LISTEN:
            yield "tcp", address
        elif connection.type == socket.SOCK_DGRAM and address and not connection.raddr:
            yield "udp", address


def addresses(supervisor, server):
    """(kind, address) of whatever any process of the tree has bound so, the server's own first (proc(5), /proc/PID/net)."""
    found = []
    for process in members(supervisor, server):
        with contextlib.suppress(psutil.Error, OSError):
            found += bound(process.net_connections(kind="inet"))
    return found


def strangers(supervisor, server, memory, settings):
    """[(name, its TCP sockets as psutil connections)] of each process of the tree that has no memory of this name mapped: the probe
    is not in it. Empty where the system does not tell (not Linux).

    A Python that has just been started with these settings in its environment is about to map it; before, that is empty for a moment.
    """
    found = []
    for process in members(supervisor, server):
        with contextlib.suppress(psutil.Error, OSError):
            if memory in Path(f"/proc/{process.pid}/maps").read_text():
                continue
            environment = Path(f"/proc/{process.pid}/environ").read_bytes()
            if environment and settings not in environment:
                found.append((process.name(), process.net_connections(kind="tcp")))
    return found


def has_interpreters(pids):
    """Whether one of these processes has loaded what makes interpreters beside its first one; False where that does not show."""
    for pid in pids:
        with contextlib.suppress(OSError):
            if INTERPRETERS.search(Path(f"/proc/{pid}/maps").read_text()):
                return True
    return False


def is_open(pid, kind, port):
    """Whether anybody has bound this port so, in the network of that process or in ours; True where the system does not tell (not Linux).

    A process that enters another network (setns(2)) keeps the sockets that it has made in ours.
    """
    networks, known = [pid, "self"], False
    if kind == "tcp" and (ours := tcp_listeners.listeners()) is not None:
        if any(port == its_port for _, its_port, _ in ours):
            return True
        networks, known = [pid], True  # of a process that has ended, nothing more is to be learnt
        with contextlib.suppress(OSError):
            if os.path.samefile(f"/proc/{pid}/ns/net", "/proc/self/ns/net"):
                return False
    wanted = {"tcp": "0A", "udp": "07"}[kind]  # TCP_LISTEN, and of UDP: no peer (proc(5))
    for network, table in itertools.product(networks, (kind, kind + "6")):
        with contextlib.suppress(OSError), open(f"/proc/{network}/net/{table}", encoding="ascii") as lines:
            next(lines)  # the names of the columns
            for line in lines:
                _, local, _, state, *_ = line.split(maxsplit=4)
                if state != wanted and kind == "tcp":
                    break  # listeners come first; the connections that follow may be thousands
                if state == wanted and int(local.rpartition(":")[2], 16) == port:
                    return True
            known = True
    return not known
