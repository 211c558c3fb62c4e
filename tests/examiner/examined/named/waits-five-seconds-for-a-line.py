# Misconception: a client that has sent nothing for five seconds has left.
# Fails: patience
# Told: a client that is silent for a while loses it
import asyncio


async def talk(reader, writer):
    try:
        while line := await asyncio.wait_for(reader.readline(), 5):
            writer.write(line)
            await writer.drain()
    except (OSError, TimeoutError):
        pass
    finally:
        writer.close()


async def main():
    await (await asyncio.start_server(talk, "127.0.0.1", 0)).serve_forever()


asyncio.run(main())
