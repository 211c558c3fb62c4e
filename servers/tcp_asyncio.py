"""The same loop, written as coroutines 协程: asyncio.

What changes  against tcp_epoll: the loop is the library's; each client's conversation reads from
              top to bottom again
It buys       code like a thread's, for the price of an object: waiting for one client (`await`)
              lets the others go on
It costs      every call that waits must be one that can be awaited: a plain time.sleep() stops
              everybody
Break it      `sleep 2` beside `hello` does no harm here; `burn 2` stops them all, as in tcp_epoll
"""

import asyncio
import contextlib

from servers import app, main, sockets


def serve(options):
    with sockets.tcp_listener(options) as listener:
        main.announce(listener)
        asyncio.run(serve_forever(listener, options.backlog))


async def serve_forever(listener, backlog):
    await asyncio.start_server(converse, sock=listener, backlog=backlog)  # it calls listen() again
    await asyncio.Future()  # for ever; Server.serve_forever() lets Ctrl-C wait for silent clients


async def converse(reader, writer):
    lines, piece = app.Lines(), True
    # A peer that resets has left too; Ctrl-C cancels us.
    quietly = contextlib.suppress(OSError, asyncio.CancelledError)
    with quietly, contextlib.closing(writer):
        while piece and not lines.too_long:
            piece = await reader.read(4096)
            for line in lines.feed(piece):
                writer.write(await app.answer_async(line) + b"\n")
                await writer.drain()  # backpressure: a peer that does not read is not heard either
        if lines.too_long:
            await refuse(reader, writer)


async def refuse(reader, writer):
    """app.refuse(), with await."""
    writer.write(app.TOO_LONG)
    writer.write_eof()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(sockets.LINGER):
            while await reader.read(65_536):
                pass


if __name__ == "__main__":
    main.run(serve, main.parser(__doc__))
