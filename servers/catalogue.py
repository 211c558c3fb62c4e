"""The catalogue: the names that `launch` knows, one line per server.

Every server process imports this module with its package, so it imports almost nothing itself.
"""

import os
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))


class Entry(namedtuple("Entry", "file arguments summary protocol")):
    """A server that launch() knows: its file in servers/, and its command-line arguments.

    `protocol` is what it speaks: "lines" (the course's lines of text), "http", "smtp", "ftp".
    """

    __slots__ = ()

    @property
    def path(self):
        from pathlib import Path

        return Path(HERE, self.file)


class UnknownServer(LookupError):
    """A name that is not in the catalogue; the message suggests similar names."""


class Catalogue(dict):
    """Name -> Entry; prints as a table."""

    def __missing__(self, name):
        import difflib

        by_lower_case = {known.lower(): known for known in self}
        near = difflib.get_close_matches(str(name).lower(), by_lower_case, n=3, cutoff=0.5)
        names = " or ".join(by_lower_case[n] for n in near)
        hint = f"Did you mean {names}?" if near else "No name comes near."
        raise UnknownServer(
            f"there is no server {str(name)!r}. {hint} "
            f"`print(catalogue)` lists all {len(self)} names."
        )

    def __repr__(self):
        width = max(map(len, self))
        return "\n".join(f"{name:{width}}  {entry.summary}" for name, entry in self.items())


def socketserver_entries():
    """Yield (name, Entry) for TCP and UDP x plain, Forking, Threading x the handlers that fit."""
    models = {
        "": "the loop model 循环模型",
        "Forking": "a child process per request",
        "Threading": "a thread per request",
    }
    handlers = {
        "TCP": ("StreamRequestHandler", "BaseRequestHandler"),
        "UDP": ("DatagramRequestHandler", "BaseRequestHandler"),
    }
    for protocol, (usual, base) in handlers.items():
        file = f"socketserver_{protocol.lower()}.py"
        plain = f"socketserver: {protocol}Server with a {usual}"
        yield file.removesuffix(".py"), Entry(file, (), plain, "lines")
        for prefix, summary in models.items():
            server = f"{prefix}{protocol}Server"
            arguments = ("--server", server)
            yield server, Entry(file, arguments, f"socketserver: {summary}; {usual}", "lines")
            for handler in (usual, base):
                both = (*arguments, "--handler", handler)
                text = f"socketserver: {summary}; {handler}"
                yield f"{server}+{handler}", Entry(file, both, text, "lines")


LINES = [
    ("tcp_loop", "the loop model 循环模型: one client at a time"),
    ("udp_loop", "the loop model 循环模型 over UDP: one datagram at a time"),
    ("tcp_fork", "fork(): a child process per client"),
    ("tcp_thread", "a thread per client"),
    ("tcp_process", "a process per client, by multiprocessing"),
    ("tcp_pool", "a fixed pool of threads (--workers 4)"),
    ("tcp_pool+processes", "a fixed pool of processes (--workers 4)", "--pool", "processes"),
    ("tcp_select", "I/O multiplexing I/O 多路复用 with select(): one thread, many clients"),
    ("tcp_poll", "the same loop with poll()"),
    ("tcp_epoll", "the same loop with epoll (Linux)"),
    ("tcp_asyncio", "the same loop as coroutines 协程"),
    ("tcp_prefork", "workers forked beforehand, on one listener (--workers 4)"),
    ("tcp_prefork+reuseport", "the same, a listener for each (SO_REUSEPORT)", "--reuseport"),
]
SOFTWARE = [
    ("http_files", "http", "HTTP server: the files of a folder; a thread per connection"),
    ("web_app", "http", "Web 应用服务器: the application behind a page; a thread per connection"),
    ("mail", "smtp", "mail server 邮件服务器: SMTP, a Maildir for each recipient; coroutines"),
    ("ftp", "ftp", "FTP server: files up and down, in a folder of its own; select()"),
    ("balancer", "any", "a load balancer 负载均衡器: HAProxy in front of servers (NAME=HOST:PORT)"),
]

catalogue = Catalogue(
    {
        name: Entry(name.partition("+")[0] + ".py", tuple(arguments), summary, "lines")
        for name, summary, *arguments in LINES
    }
    | dict(socketserver_entries())
    | {name: Entry(f"{name}.py", (), text, protocol) for name, protocol, text in SOFTWARE}
)
