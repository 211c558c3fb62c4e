"""Several servers behind one balancer, for the lessons on clusters.

    cluster = [launch("tcp_thread", name=name) for name in ("north", "east", "south")]
    front = in_front_of(cluster, "--balance", "leastconn")
    who_answers(front, cluster)                  "north": a client connected, sent `who`, and disconnected
"""

import socket
import time

from clients.haproxy import NOT_YET, servers_of
from servers import launch

FIRST_CHECKS = 10  # seconds to wait for the first checks; HAProxy gives up on a check much sooner


def in_front_of(servers, *options, name="balancer"):
    """Launch the balancer in front of these servers; each keeps its name. Like any launch, it replaces a balancer of the same name.

    Returns once the balancer has checked every server, or at once if health checks are off. Raises LaunchError without HAProxy.
    """
    balancer = launch("balancer", *(f"{server.name}={server.host}:{server.port}" for server in servers), *options, name=name)
    end = time.monotonic() + FIRST_CHECKS
    while any(server.check == NOT_YET for server in servers_of(balancer)) and time.monotonic() < end:
        time.sleep(0.02)
    return balancer


def who_answers(front, servers, source="", timeout=20):
    """Connect, send `who`, disconnect; return the name of the server that answered, or "lost" if the connection ended instead.

    `source` is the client's own address; if it is empty, the kernel chooses.
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
    """Return the name of the server that gave this answer to `who`."""
    return next(server.name for server in servers if server.pid == pid_of(answer))


def pid_of(answer):
    """Return the process ID from an answer to `who`, such as "process 4711 thread 4711"."""
    return int(answer.split()[1])
