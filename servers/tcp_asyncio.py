"""The same loop, written as coroutines 协程: asyncio.

What changes  against tcp_epoll: the loop is the library's; each client's conversation reads from top to bottom again
It buys       code like that of a thread, at the price of an object; waiting for one client (`await`) lets the others go on
It costs      every call that waits has to be one that can be awaited: a plain time.sleep() would stop everybody
Break it      `sleep 2` beside `hello` does no harm here; `burn 2` stops them all, as in tcp_epoll
"""

import asyncio
import contextlib

from servers import app


def serve(listener):
    asyncio.run(serve_forever(listener))


async def serve_forever(listener):
    await asyncio.start_server(converse, sock=listener)  # it calls listen() again, with a backlog of 100
    await asyncio.Future()  # for ever; serve_forever() would let Ctrl-C wait for silent clients, from Python 3.12 on


async def converse(reader, writer):
    lines, piece = app.Lines(), True
    quietly = contextlib.suppress(OSError, asyncio.CancelledError)  # a peer that resets has left too; Ctrl-C cancels us
    with quietly, contextlib.closing(writer):
        while piece and not lines.too_long:
            piece = await reader.read(4096)
            for line in lines.feed(piece):
                writer.write(await app.answer_async(line) + b"\n")
                await writer.drain()  # a peer that does not read is not heard either
        if lines.too_long:
            await refuse(reader, writer)


async def refuse(reader, writer):
    """What app.refuse does, with await."""
    writer.write(app.TOO_LONG)
    writer.write_eof()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            while await reader.read(65_536):
                pass


if __name__ == "__main__":
    app.run(serve, __doc__)
