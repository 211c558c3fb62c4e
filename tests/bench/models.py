"""Group 3: each model against an echo server in C on epoll, against uvloop, asyncio and the stock classes of socketserver.

The load comes from the C generator, so that it is never the limit: 64-byte lines over open connections, and one line on each new one.
"""

from functools import partial

from measuring import c_rate, c_server, in_turns, ours, peer, ratios, row

SECONDS = 0.7
OPEN, EACH = (1, 10, 100, 1000), 20  # open connections; concurrent clients that open a new connection for each question

SAME_WORK = "uvloop Conversation", "asyncio Conversation"  # lines and the application, like our models
ECHO = "bare epoll", "uvloop Protocol", "uvloop streams", "asyncio Protocol", "asyncio streams"  # neither
PEERS = *SAME_WORK, *ECHO
STOCK = "TCPServer", "ForkingTCPServer", "ThreadingTCPServer"
LOOPS = "tcp_epoll", "tcp_poll", "tcp_asyncio"
ONE_FOR_EACH = "tcp_thread", "tcp_fork", "tcp_process"
SIDE_BY_SIDE = "TCPServer", "tcp_loop", "ForkingTCPServer", "tcp_fork", "tcp_process", "ThreadingTCPServer", "tcp_thread"
POOLS = "tcp_pool", "tcp_pool+processes", "tcp_prefork", "tcp_prefork+reuseport"


def run(rounds):
    rows = []
    for connections in OPEN:
        rows += compared(candidates(connections), connections, rounds)
    return rows + compared([*PEERS, *LOOPS, *SIDE_BY_SIDE, *POOLS], EACH, rounds, each=True)


def candidates(connections):
    """Return the servers to compare with so many open connections: a thousand processes would only prove to be too many."""
    if connections == 1:
        return [*PEERS, *STOCK, *LOOPS, *ONE_FOR_EACH, "tcp_loop"]
    if connections == 1000:
        return [*PEERS, "ThreadingTCPServer", *LOOPS, "tcp_thread"]
    return [*PEERS, *(("ForkingTCPServer",) if connections <= 40 else ()), "ThreadingTCPServer", *LOOPS, *ONE_FOR_EACH]


def compared(names, connections, rounds, each=False):
    where = "a connection for each" if each else f"{connections} connection{'s' * (connections > 1)}"
    print(f"  {where}", flush=True)
    servers = {"C": c_server} | {name: partial(peer if name in (*PEERS, *STOCK) else ours, name) for name in names}
    found = in_turns({name: partial(rate, server, connections, each) for name, server in servers.items()}, rounds)
    rows = [row(f"C, {where}", found["C"], "answers/s")]
    rows += [
        row(f"{label(name)} / C, {where}", ratios(values, found["C"]), "ratio", goal(name, connections, each))
        for name, values in found.items()
        if name != "C"
    ]
    return rows + against_peers(found, where, connections, each)


def label(name):
    """Return the server's label; one that only echoes is marked, since it does less than a model."""
    return f"{name} (echo)" if name in (*ECHO, *STOCK) else name


def goal(name, connections, each):
    if name == "tcp_epoll" and connections in (100, 1000) and not each:
        return 0.85
    return 0.7 if name == "tcp_prefork" and each else None


def against_peers(found, where, connections, each):
    duels = []
    if connections in (100, 1000) and not each:
        duels += [("tcp_epoll", "uvloop Conversation", 1.0), ("tcp_epoll", "asyncio Conversation", 1.0)]
        duels += [("tcp_epoll", "bare epoll", None)]
    if each:
        duels += [("tcp_fork", "ForkingTCPServer", 1.5), ("tcp_thread", "ThreadingTCPServer", 1.2)]
    return [
        row(f"{one} / {label(other)}, {where}", ratios(found[one], found[other]), "ratio", target)
        for one, other, target in duels
        if one in found and other in found
    ]


def rate(server, connections, each):
    with server() as port:
        return c_rate(port, connections, SECONDS, each)
