# Misconception: those who talk will soon be done. A client may stay as long as it likes.
# Fails: clean stop
# Told: its loop runs on until all conversations are over
import asyncio
import signal

tasks = set()


async def talk(reader, writer):
    tasks.add(asyncio.current_task())
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()
    tasks.discard(asyncio.current_task())


async def main():
    told_to_end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_end.set)
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    await told_to_end.wait()
    server.close()
    if tasks:
        await asyncio.wait(tasks)


asyncio.run(main())
