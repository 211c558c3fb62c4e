# Misconception: async def makes a function non-blocking. time.sleep() in it blocks as before.
# Fails: gives the menu meanwhile
# Told: He was given it when her dish was ready
import asyncio
import time


async def cook(dish):
    time.sleep(0.5)
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
