"""Servers to compare ours with: echo servers in the style of each library's documentation, without our application;
and, as "uvloop Conversation" and "asyncio Conversation", a Protocol that does the same work as our models.

    python peers.py ThreadingTCPServer      prints its port, then serves until it is killed

The classes of socketserver are unchanged except for the backlog: with its default of 5, connections would be dropped and
retried a second later, and we would measure that second.
"""

import asyncio
import os
import select
import socket
import socketserver
import sys

from servers.sockets import allow_descriptors

BACKLOG = 128


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


class EchoProtocol(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


class ConversationProtocol(EchoProtocol):
    """The work of a model: lines, and the course's application."""

    def connection_made(self, transport):
        from servers import app

        super().connection_made(transport)
        self.conversation = app.Conversation()

    def data_received(self, data):
        self.transport.write(self.conversation.hear(data))


async def echo_stream(reader, writer):
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()


async def protocol(listener, made_by=EchoProtocol):
    await (await asyncio.get_running_loop().create_server(made_by, sock=listener, backlog=BACKLOG)).serve_forever()


async def conversation(listener):
    await protocol(listener, ConversationProtocol)


async def streams(listener):
    await (await asyncio.start_server(echo_stream, sock=listener, backlog=BACKLOG)).serve_forever()


def bare_epoll():
    """Do as little as Python can: no lines, no state, nothing unsent. This is the upper bound for a model, beside the C server."""
    listener, epoll, connections = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG), select.epoll(), {}
    listener.setblocking(False)
    epoll.register(listener, select.EPOLLIN)
    print(listener.getsockname()[1], flush=True)
    while True:
        for descriptor, _ in epoll.poll():
            if descriptor == listener.fileno():
                connection, _ = listener.accept()
                connections[connection.fileno()] = connection
                epoll.register(connection, select.EPOLLIN)
            elif data := connections[descriptor].recv(4096):
                connections[descriptor].send(data)
            else:
                connections.pop(descriptor).close()


def with_socketserver(name):
    server_class = getattr(socketserver, name)
    server_class.request_queue_size = BACKLOG
    if name.startswith("Threading"):
        server_class.daemon_threads = True
    with server_class(("127.0.0.1", 0), Echo) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


def main(name):
    allow_descriptors()
    if name == "bare epoll":
        bare_epoll()
    if name.endswith("TCPServer"):
        with_socketserver(name)
    library, _, style = name.partition(" ")
    listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    print(listener.getsockname()[1], flush=True)
    serve = {"Protocol": protocol, "streams": streams, "Conversation": conversation}[style]
    if library == "uvloop":
        import uvloop

        uvloop.run(serve(listener))
    else:
        asyncio.run(serve(listener))


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    main(sys.argv[1])
