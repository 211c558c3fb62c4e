# Misconception: write() sends. What the client does not accept, write() keeps, without a limit.
# Fails: memory
# Told: there is no backpressure
import asyncio
import contextlib


async def talk(reader, writer):
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


async def main():
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    await server.serve_forever()


asyncio.run(main())
