"""Clients that come in numbers, are slow, or misbehave: whom the clinic's servers meet.

Each of them returns when the server has dealt with what it was sent, so that what a cell measures next is no matter of luck.
"""

import asyncio
import contextlib
import socket

from clients.lab.ui.waiting import wait_until, wait_until_idle
from clients.tcp import ask, connect

TIMEOUT = 30  # seconds that a connection and an answer may take


async def visit(server, times, line="hello"):
    """So many clients, one after the other: each connects, says a line, is answered, and leaves."""
    for _ in range(times):
        await asyncio.to_thread(ask, server.address, line, timeout=TIMEOUT)
    await wait_until_idle(server)


async def leave_early(server, times=1):
    """So many clients, one after the other: each sends a line, and leaves without waiting for the answer.

    That may end the server; those who come afterwards are refused, which is no error here.
    """
    for _ in range(times):
        with contextlib.suppress(ConnectionError), connect(server.address) as connection:
            connection.sendall(b"hello\n")
    await wait_until_idle(server)


async def ask_and_never_read(server, times, line):
    """One client that asks the same question many times and reads no answer; returns its socket."""
    connection = connect(server.address)
    await asyncio.to_thread(connection.sendall, line.encode() * times)
    await wait_until_idle(server)
    return connection


async def fetch_late(server):
    """One client that connects, and reads when the server has done all that it can without that; returns how many bytes came."""
    with connect(server.address, TIMEOUT) as connection:
        await wait_until_idle(server)
        return len(await asyncio.to_thread(connection.makefile("rb").read))


async def send_in_pieces(server, *pieces):
    """One client that sends a piece when the server has read the piece before, and then no more; returns what was answered."""
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
