# Misconception: one thread needs no lock. At an await, another coroutine runs, and counts from the same number.
# Fails: state
# Told: two changed the number at once
import asyncio

counted = 0


async def answer(line):
    global counted
    if line != b"count\n":
        return line
    now = counted
    await asyncio.sleep(0)  # stands for writing to a database
    counted = now + 1
    return b"%d\n" % counted


async def talk(reader, writer):
    while line := await reader.readline():
        writer.write(await answer(line))
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    await server.serve_forever()


asyncio.run(main())
