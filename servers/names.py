"""The names that `launch` knows: the catalogue, a line for each server."""

import difflib
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Entry(NamedTuple):
    file: str  # the model's file in servers/
    arguments: tuple  # what it gets on its command line
    summary: str
    protocol: str = "lines"  # what it speaks: the course's lines of text, or "http", "smtp", "ftp"

    @property
    def path(self):
        return HERE / self.file


class UnknownServer(LookupError):
    """A name that is not in the catalogue; the text names the near misses."""


class Catalogue(dict):
    """Name -> Entry; prints as a table."""

    def __missing__(self, name):
        by_lower_case = {known.lower(): known for known in self}
        near = difflib.get_close_matches(str(name).lower(), by_lower_case, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(by_lower_case[n] for n in near)}?" if near else "No name comes near."
        raise UnknownServer(f"there is no server {str(name)!r}. {hint} `print(catalogue)` lists all {len(self)} names.")

    def __repr__(self):
        width = max(map(len, self))
        return "\n".join(f"{name:{width}}  {entry.summary}" for name, entry in self.items())


def socketserver_entries():
    """TCP and UDP x none, Forking, Threading x the handler bases that fit."""
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
        yield file.removesuffix(".py"), Entry(file, (), f"socketserver: {protocol}Server with a {usual}")
        for prefix, summary in models.items():
            server = f"{prefix}{protocol}Server"
            yield server, Entry(file, ("--server", server), f"socketserver: {summary}; {usual}")
            for handler in (usual, base):
                arguments = ("--server", server, "--handler", handler)
                yield f"{server}+{handler}", Entry(file, arguments, f"socketserver: {summary}; {handler}")


catalogue = Catalogue(
    tcp_loop=Entry("tcp_loop.py", (), "the loop model 循环模型: one client at a time"),
    udp_loop=Entry("udp_loop.py", (), "the loop model 循环模型 over UDP: one datagram at a time"),
    tcp_fork=Entry("tcp_fork.py", (), "fork(): a child process per client"),
    tcp_thread=Entry("tcp_thread.py", (), "a thread per client"),
    tcp_process=Entry("tcp_process.py", (), "a process per client, by multiprocessing"),
    tcp_pool=Entry("tcp_pool.py", (), "a fixed pool of threads (--workers 4)"),
    **{"tcp_pool+processes": Entry("tcp_pool.py", ("--pool", "processes"), "a fixed pool of processes (--workers 4)")},
    tcp_select=Entry("tcp_select.py", (), "I/O multiplexing I/O 多路复用 with select(): one thread, many clients"),
    tcp_poll=Entry("tcp_poll.py", (), "the same loop with poll()"),
    tcp_epoll=Entry("tcp_epoll.py", (), "the same loop with epoll (Linux)"),
    tcp_asyncio=Entry("tcp_asyncio.py", (), "the same loop as coroutines 协程"),
    tcp_prefork=Entry("tcp_prefork.py", (), "workers forked beforehand, on one listener (--workers 4)"),
    **{"tcp_prefork+reuseport": Entry("tcp_prefork.py", ("--reuseport",), "the same, a listener for each worker (SO_REUSEPORT)")},
    **dict(socketserver_entries()),
    http_files=Entry("http_files.py", (), "HTTP server: the files of a folder; a thread per request", "http"),
    web_app=Entry("web_app.py", (), "web server Web 应用服务器: the same application behind a page; a thread per request", "http"),
    mail=Entry("mail.py", (), "mail server 邮件服务器: SMTP, a Maildir for each recipient; coroutines", "smtp"),
    ftp=Entry("ftp.py", (), "FTP server: files up and down, in a folder of its own; select()", "ftp"),
    balancer=Entry("balancer.py", (), "a load balancer 负载均衡器 in front of servers: HAProxy (NAME=HOST:PORT ...)", "any"),
)
