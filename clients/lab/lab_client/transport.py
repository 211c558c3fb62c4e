"""The transport of a client: a TCP connection or a UDP socket. Neither ever blocks the notebook."""

import asyncio
import socket

from clients.tcp import family_of
from servers.runtime.events import written


class Transport:
    """A socket and the loop that watches it. `local` is its own address, empty until the kernel assigns one."""

    TYPE: int  # the socket's type
    OPEN: str  # the state of a client that can send

    def __init__(self, address):
        self.local = ""
        self.is_open = False
        self._loop = asyncio.get_running_loop()
        self._address = address
        self.socket = socket.socket(family_of(address), self.TYPE)
        self.socket.setblocking(False)

    async def open(self, timeout):
        """Connect within timeout seconds. Raises OSError."""
        attempt = asyncio.ensure_future(self._loop.sock_connect(self.socket, self._address))
        await asyncio.sleep(0)  # lets the attempt start: the kernel then has assigned an address
        self.local = written(self.socket.getsockname())
        await asyncio.wait_for(attempt, timeout)
        self.is_open = True

    def close(self):
        """Close the socket. Does nothing if already closed."""
        self.is_open = False
        if self.socket.fileno() >= 0:
            self._loop.remove_reader(self.socket)  # before the descriptor can be reused for another socket
            self._loop.remove_writer(self.socket)
            self.socket.close()


class Tcp(Transport):
    """A connection: a stream of bytes, in which a newline ends a line."""

    TYPE = socket.SOCK_STREAM
    OPEN = "connected"

    def __init__(self, address):
        super().__init__(address)
        self._unread = b""
        self._one_at_a_time = asyncio.Lock()

    @staticmethod
    def answers_to(data):
        """Return the number of lines expected in answer to data: one for each line in it."""
        return data.count(b"\n")

    async def send(self, data, question):
        """Send all of data; concurrent calls take turns.

        If the server does not read, this can last until the connection ends; the question has failed by then. Raises OSError.
        """
        async with self._one_at_a_time:
            if question.answer.done():  # the connection ended while this question queued
                return
            try:
                data = data[self.socket.send(data) :]
            except BlockingIOError:
                pass
            if data:
                rest = asyncio.ensure_future(self._loop.sock_sendall(self.socket, data))
                await asyncio.wait([rest, question.answer], return_when=asyncio.FIRST_COMPLETED)
                if question.answer.done() and question.answer.exception() is not None:
                    rest.cancel()
                else:
                    await rest

    async def incoming(self):
        """Yield (line, its size on the wire) for each line until the server closes. Raises OSError."""
        while data := await self._loop.sock_recv(self.socket, 65536):
            *lines, self._unread = (self._unread + data).split(b"\n")
            for line in lines:
                yield line, len(line) + 1
        if self._unread:  # a last line without its newline is a line too
            yield self._unread, len(self._unread)


class Udp(Transport):
    """A socket that sends datagrams to one address and receives only from there."""

    TYPE = socket.SOCK_DGRAM
    OPEN = "ready"

    @staticmethod
    def answers_to(data):
        """Return the number of datagrams expected in answer to this one."""
        return 1

    async def send(self, data, question):
        """Send a datagram: immediately, or not at all. Raises OSError."""
        self.socket.send(data)

    async def incoming(self):
        """Yield (datagram without its newline, size) for each datagram. Raises OSError, also if no socket is bound there; then it
        may be called again: the socket stays usable for the next datagram."""
        while True:
            data = await self._loop.sock_recv(self.socket, 65536)
            yield data.removesuffix(b"\n"), len(data)


TRANSPORTS = {"tcp": Tcp, "udp": Udp}
