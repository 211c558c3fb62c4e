"""Clients in large numbers, slow clients, and clients that misbehave, for the servers of the clinic.

Each function returns once the server has handled everything sent to it, so that the next measurement does not depend on timing.
"""

import asyncio
import contextlib
import socket

from clients.lab.ui.waiting import wait_until, wait_until_idle
from clients.tcp import ask, connect

TIMEOUT = 30  # seconds, for a connection and for an answer


async def visit(server, times):
    """Run `times` clients, one after the other: each connects, sends a line, reads the answer, and leaves."""
    for _ in range(times):
        await asyncio.to_thread(ask, server.address, "hello", timeout=TIMEOUT)
    await wait_until_idle(server)


async def leave_early(server, times=1):
    """Run `times` clients, one after the other: each sends a line and leaves without waiting for the answer.

    This may crash the server; later clients are then refused, which is not an error here.
    """
    for _ in range(times):
        with contextlib.suppress(ConnectionError), connect(server.address) as connection:
            connection.sendall(b"hello\n")
    await wait_until_idle(server)


async def ask_and_never_read(server, times, line):
    """Run one client that sends the same line `times` times and reads no answer; return its socket."""
    connection = connect(server.address)
    await asyncio.to_thread(connection.sendall, line.encode() * times)
    await wait_until_idle(server)
    return connection


async def fetch_late(server):
    """Run one client that connects but reads only once the server can do no more; return the number of bytes received."""
    with connect(server.address, TIMEOUT) as connection:
        await wait_until_idle(server)
        return len(await asyncio.to_thread(connection.makefile("rb").read))


async def send_in_pieces(server, *pieces):
    """Run one client that sends each piece after the server has read the previous one, then half-closes; return the answers."""
    with connect(server.address, TIMEOUT) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            read = _reads(server)
            connection.sendall(piece)
            await wait_until(lambda read=read: _reads(server) > read)
        connection.shutdown(socket.SHUT_WR)
        answers = await asyncio.to_thread(connection.makefile("rb").read)
    return answers.decode(errors="replace")


def _reads(server):
    return sum(event.kind == "receive" and bool(event.end) for event in server.events())
