# Misconception: asyncio limits memory by itself. Without drain(), a writer stores everything unsent.
# Fails: memory
# Told: there is no backpressure
import asyncio
import contextlib


async def echo(reader, writer):
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    await server.serve_forever()


asyncio.run(main())
