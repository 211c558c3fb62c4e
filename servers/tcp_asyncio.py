"""The same loop, written as coroutines 协程: asyncio.

What changes  against tcp_epoll: the loop is the library's; each client's conversation reads from
              top to bottom again
It buys       code like a thread's, for the price of an object: while one client waits (`await`),
              the others are served
It costs      every call that blocks must be replaced by one that can be awaited: a plain
              time.sleep() stalls every client
Break it      `sleep 2` delays no other client here; `burn 2` stalls them all, as in tcp_epoll
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
    await asyncio.Future()  # forever; Server.serve_forever() makes Ctrl-C wait for silent clients


async def converse(reader, writer):
    lines, piece = app.Lines(), True
    # A reset means that the peer has left; Ctrl-C cancels this task.
    quietly = contextlib.suppress(OSError, asyncio.CancelledError)
    with quietly, contextlib.closing(writer):
        while piece and not lines.too_long:
            piece = await reader.read(4096)
            for line in lines.feed(piece):
                writer.write(await app.answer_async(line) + b"\n")
                await writer.drain()  # backpressure: no reading from a peer that does not read
        if lines.too_long:
            await refuse(reader, writer)


async def refuse(reader, writer):
    """app.refuse() as a coroutine."""
    writer.write(app.TOO_LONG)
    writer.write_eof()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(sockets.LINGER):
            while await reader.read(65_536):
                pass


if __name__ == "__main__":
    main.run(serve, main.parser(__doc__))
