# Coroutines instead of the lesson's handler. Their receives never block, so none is ever pending.
import asyncio

PAGES = {"/": "Hello\n", "/nihao": "你好\n"}


async def serve(reader, writer):
    words = (await reader.readline()).decode().split()
    while (await reader.readline()) not in (b"\r\n", b""):
        pass
    path = words[1] if len(words) > 1 else ""
    status = "200 OK" if path in PAGES else "404 Not Found"
    body = PAGES.get(path, "no such page\n").encode()
    head = f"HTTP/1.0 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()


async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        await server.serve_forever()


asyncio.run(main())
