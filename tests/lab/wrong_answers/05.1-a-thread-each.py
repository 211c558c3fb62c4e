# Misconception: a thread for each dish is one thread. It lets the others go on, as in lesson 03.
# Fails: cooks with one thread
# Told: thread(s), and should do with one
import asyncio
import time


def cook(dish):
    time.sleep(0.5)
    return b"here is your " + dish


async def serve_table(reader, writer):
    while line := await reader.readline():
        if line == b"menu\n":
            writer.write(b"tea rice noodles\n")
        else:
            writer.write(await asyncio.to_thread(cook, line))
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve_table, "127.0.0.1", 0)
    await server.serve_forever()


asyncio.run(main())
