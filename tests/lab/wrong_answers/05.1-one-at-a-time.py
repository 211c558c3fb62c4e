# Misconception: what is awaited needs a lock. The menu is given at once, but one dish is cooked after the other.
# Fails: cooks ten at once
# Told: ten clients ordered tea at once, and the last one was served
import asyncio

stove = asyncio.Lock()


async def cook(dish):
    async with stove:
        await asyncio.sleep(0.5)
    return b"here is your " + dish


async def serve_table(reader, writer):
    while line := await reader.readline():
        if line == b"menu\n":
            writer.write(b"tea rice noodles\n")
        else:
            writer.write(await cook(line))
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve_table, "127.0.0.1", 0)
    await server.serve_forever()


asyncio.run(main())
