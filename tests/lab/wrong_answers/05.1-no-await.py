# Misconception: asyncio.sleep() sleeps. Without an await nobody does, and the dish is raw.
# Fails: takes its time
# Told: nobody has cooked it
import asyncio


def cook(dish):
    asyncio.sleep(0.5)
    return b"here is your " + dish


async def serve_table(reader, writer):
    while line := await reader.readline():
        if line == b"menu\n":
            writer.write(b"tea rice noodles\n")
        else:
            writer.write(cook(line))
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve_table, "127.0.0.1", 0)
    await server.serve_forever()


asyncio.run(main())
