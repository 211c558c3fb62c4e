# Misconception: when the lines of a piece are answered, the buffer can be emptied. It may hold the beginning of the next line.
# Fails: joined
# Told: what has no newline yet is thrown away
import asyncio


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""

    def data_received(self, piece):
        self.buffer += piece
        if b"\n" in self.buffer:
            for line in self.buffer.split(b"\n")[:-1]:
                self.transport.write(line + b"\n")
            self.buffer = b""


async def main():
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    await server.serve_forever()


asyncio.run(main())
