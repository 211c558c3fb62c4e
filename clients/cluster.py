"""Several servers behind one balancer, as the lessons on clusters start and question them.

    cluster = [launch("tcp_thread", name=name) for name in ("north", "east", "south")]
    front = in_front_of(cluster, "--balance", "leastconn")
    who_answers(front, cluster)                  "north": a client has come, asked who answers, and left
"""

import socket
import time

from clients.haproxy import NOT_YET, servers_of
from servers import launch

FIRST_CHECKS = 10  # seconds, at most: a check is given up much sooner


def in_front_of(servers, *options, name="balancer"):
    """Launch the balancer with these servers behind it; each keeps its name. It replaces one of its own name, as any launch does.

    Returns when it has checked each of them once, unless it checks none. Raises LaunchError where there is no HAProxy.
    """
    balancer = launch("balancer", *(f"{server.name}={server.host}:{server.port}" for server in servers), *options, name=name)
    end = time.monotonic() + FIRST_CHECKS
    while any(server.check == NOT_YET for server in servers_of(balancer)) and time.monotonic() < end:
        time.sleep(0.02)
    return balancer


def who_answers(front, servers, source="", timeout=20):
    """The name of the server that answers a new client, who comes, asks, and leaves; "lost" if the connection ends instead.

    `source` is the address that the client comes from; without one, the system chooses.
    Raises TimeoutError after `timeout` seconds without an answer.
    """
    try:
        with socket.create_connection(front.address, timeout, source_address=(source, 0)) as client:
            client.sendall(b"who\n")
            answer = client.makefile().readline()
    except ConnectionError:
        answer = ""
    return server_of(answer, servers) if answer else "lost"


def server_of(answer, servers):
    """The name of the server that gave this answer to `who`."""
    return next(server.name for server in servers if server.pid == pid_of(answer))


def pid_of(answer):
    """The process in an answer to `who`: "process 4711 thread 4711"."""
    return int(answer.split()[1])
