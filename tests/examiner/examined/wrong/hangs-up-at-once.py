# Misconception: a client that has finished sending has left. It still reads.
# Fails: half-close, memory
# Told: the server hangs up when its client finishes
import asyncio


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)

    def eof_received(self):
        self.transport.abort()


async def main():
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    await server.serve_forever()


asyncio.run(main())
