"""Starts any server as a real process, watches it, and ends it. Independent of notebooks.

server.py               launch(), which waits until a server is ready, and Server, the object that a notebook gets
output.py               what the server prints
bootstrap.py            makes a Python run our code before its script: the Python that launch() starts, and those that it starts
at_start/               what such a Python imports first
supervisor.py           the process in between: the server's parent, which forwards its records and ends its process tree
probe/                  runs inside the server and records what it does
ring.py                 the shared memory that holds the records
event_kinds.py          the kinds of events, as numbers and as words
libc.py                 functions of the C library that Python's modules lack
events.py               the records as a notebook sees them
running.py              the servers that this notebook runs: one per name, all ended with the notebook
process_tree.py         the server's process and all its descendants, and whether they run
ending.py               how a process tree is ended: SIGTERM, a grace time, SIGKILL
process_table.py        the state of each process, as a table to read
server_address.py       the address at which the server can be reached, from its start on
listening.py            where the process tree listens, according to the operating system
tcp_listeners.py        all TCP listeners of this network in one quick query; those that other machines can reach
launch_diagnostics.py   what to tell a learner when a launch fails
hosts.py                separate hosts for servers: network namespaces, where Linux allows them
"""

__all__ = ["LaunchError", "Server", "launch"]


def __getattr__(name):  # on first use, so that a server process, which shares this package, loads none of it
    if name not in __all__:
        raise AttributeError(f"module 'servers.runtime' has no attribute {name!r}")
    from servers.runtime import server

    return getattr(server, name)
