# Misconception: code called from a coroutine runs beside the loop. time.sleep() stops the loop, and all clients with it.
# Fails: silent
# Told: asyncio's loop waits with it
import asyncio
import time


def answer(line):
    match line.split():
        case [b"sleep", seconds]:
            time.sleep(float(seconds))
    return line


async def talk(reader, writer):
    while line := await reader.readline():
        writer.write(answer(line))
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    await server.serve_forever()


asyncio.run(main())
