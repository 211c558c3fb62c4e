# Misconception: in an async def everything is asynchronous. time.sleep() stops all clients.
# Fails: prompt
# Told: time.sleep(), in whatever serves
import asyncio
import time


async def talk(reader, writer):
    while line := await reader.readline():
        time.sleep(0.2)  # stands for a database query
        writer.write(line)
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    await server.serve_forever()


asyncio.run(main())
