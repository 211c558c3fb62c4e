# Misconception: the name of a peer is a dictionary. The error is in the log, and the callback never starts the conversation.
# Fails: answers
# Told: this error ended the conversation
import asyncio


async def talk(reader, writer):
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()


def welcome(reader, writer):
    print("from", writer.get_extra_info("peername")["host"])
    asyncio.get_running_loop().create_task(talk(reader, writer))


async def main():
    server = await asyncio.start_server(welcome, "127.0.0.1", 0)
    await server.serve_forever()


asyncio.run(main())
