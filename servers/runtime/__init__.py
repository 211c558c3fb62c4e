"""Starts any server as a real process, watches it, ends it. Knows no notebook.

server.py               launch(), which waits until a server is ready, and Server, what a notebook holds in its hands then
output.py               what it prints
bootstrap.py            leads a Python to us before it looks at its script: the one that launch() starts, and those that it starts
at_start/               what such a Python imports first
supervisor.py           the process in between: the server's parent, which passes on its notes and ends its process tree
probe/                  notes, inside the server, what it does
ring.py                 the shared memory in which it notes
event_kinds.py          the kinds of events, as numbers and as words
libc.py                 functions of the C library that Python's modules lack
events.py               the notes, as a notebook sees them
running.py              the servers that this notebook runs: a new one replaces the one of its name, and all end with the notebook
process_tree.py         the server's process and all its descendants: who they are, and whether they run
ending.py               how they end: SIGTERM, a grace time, SIGKILL
process_table.py        how they are: a table to read
server_address.py       where the server is to be reached: its address, from its start on
listening.py            where they listen, as the operating system tells
tcp_listeners.py        where anybody listens on this machine, told at once; who may not listen there
launch_diagnostics.py   what to tell a learner when a launch fails
hosts.py                hosts of their own for servers: network namespaces, where Linux allows them
"""

__all__ = ["LaunchError", "Server", "launch"]


def __getattr__(name):  # at first use, so that a server process, which shares this package, loads none of it
    if name not in __all__:
        raise AttributeError(f"module 'servers.runtime' has no attribute {name!r}")
    from servers.runtime import server

    return getattr(server, name)
