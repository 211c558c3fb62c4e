# asyncio's streams, with a number shared by all clients: one thread needs no lock.
import asyncio
import contextlib

counted = 0


async def talk(reader, writer):
    global counted
    with contextlib.suppress(ConnectionError), contextlib.closing(writer):
        async for line in reader:
            if line == b"count\n":
                counted += 1
                line = b"%d\n" % counted
            writer.write(line)
            await writer.drain()


async def main():
    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=1 << 20)
    async with server:
        await server.serve_forever()


asyncio.run(main())
