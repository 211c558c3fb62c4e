# Misconception: at_eof() says that the client has left, so nothing is to be done with the line that has just come.
# Fails: half-close
# Told: with a line received and not answered yet
import asyncio


async def talk(reader, writer):
    while True:
        line = await reader.readline()
        if not line or reader.at_eof():
            break
        if line.startswith(b"sleep"):
            await asyncio.sleep(float(line[5:]))
        writer.write(line)
        try:
            await writer.drain()
        except ConnectionError:
            break
    writer.close()


async def main():
    await (await asyncio.start_server(talk, "127.0.0.1", 0, limit=1 << 17)).serve_forever()


asyncio.run(main())
