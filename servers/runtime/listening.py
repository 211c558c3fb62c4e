"""Where the processes of a server's tree listen, or are bound for datagrams, according to the operating system."""

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

# Modules that only a program with sub-interpreters loads: up to Python 3.12, and from 3.13. (asyncio loads _interpreters from 3.14.)
INTERPRETERS = re.compile(r"/_(?:xxsubinterpreters|interpqueues)\.")


def bound(connections):
    """Yield (kind, address) of the psutil connections that listen (TCP) or accept datagrams from any peer (UDP)."""
    for connection in connections:
        address = connection.laddr and (connection.laddr.ip.removeprefix(IPV4), connection.laddr.port)
        if connection.status == psutil.CONN_LISTEN:
            yield "tcp", address
        elif connection.type == socket.SOCK_DGRAM and address and not connection.raddr:
            yield "udp", address


def addresses(supervisor, server):
    """Return (kind, address) of all such sockets in the tree, the server's own process first (proc(5), /proc/PID/net)."""
    found = []
    for process in members(supervisor, server):
        with contextlib.suppress(psutil.Error, OSError):
            found += bound(process.net_connections(kind="inet"))
    return found


def strangers(supervisor, server, memory, settings):
    """Return the TCP sockets, as psutil connections, of each process of the tree without the probe: it has no memory of this name
    mapped. Empty if the system cannot tell (not Linux).

    A Python just started with these settings in its environment is about to map it; at first its environ file is briefly empty.
    """
    found = []
    for process in members(supervisor, server):
        with contextlib.suppress(psutil.Error, OSError):
            if memory in Path(f"/proc/{process.pid}/maps").read_text():
                continue
            environment = Path(f"/proc/{process.pid}/environ").read_bytes()
            if environment and settings not in environment:
                found.append(process.net_connections(kind="tcp"))
    return found


def has_interpreters(pids):
    """Whether one of these processes has loaded the module that creates sub-interpreters; False where that is not visible."""
    for pid in pids:
        with contextlib.suppress(OSError):
            if INTERPRETERS.search(Path(f"/proc/{pid}/maps").read_text()):
                return True
    return False


def is_open(pid, kind, port):
    """Whether any socket of this kind has the port, in that process's network or in ours; True if the system cannot tell (not Linux).

    A process that enters another network (setns(2)) keeps the sockets that it created in ours.
    """
    networks, known = [pid, "self"], False
    if kind == "tcp" and (ours := tcp_listeners.listeners()) is not None:
        if any(port == its_port for _, its_port, _ in ours):
            return True
        networks, known = [pid], True  # if the process has ended, its network cannot be read any more
        with contextlib.suppress(OSError):
            if os.path.samefile(f"/proc/{pid}/ns/net", "/proc/self/ns/net"):
                return False
    wanted = {"tcp": "0A", "udp": "07"}[kind]  # TCP_LISTEN; for UDP: no peer (proc(5))
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
