# Misconception: lines of one client may be processed at the same time.
# Fails: joined
# Told: several threads or tasks answer one client
import asyncio


async def answer(line, writer):
    if line.startswith(b"sleep "):
        await asyncio.sleep(float(line.split()[1]))
    writer.write(line)
    await writer.drain()


async def talk(reader, writer):
    async with asyncio.TaskGroup() as tasks:
        while line := await reader.readline():
            tasks.create_task(answer(line, writer))
    writer.close()


async def main():
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    await server.serve_forever()


asyncio.run(main())
