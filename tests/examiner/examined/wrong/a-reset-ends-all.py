# Misconception: an error in one task concerns that task only. A TaskGroup cancels all others with it, and then the server ends.
# Fails: reset, descriptors
# Told: a connection that broke off raises ConnectionResetError or BrokenPipeError
import asyncio
from socket import create_server


async def talk(connection):
    loop = asyncio.get_running_loop()
    with connection:
        while data := await loop.sock_recv(connection, 4096):
            await loop.sock_sendall(connection, data)


async def serve(listener):
    listener.setblocking(False)
    async with asyncio.TaskGroup() as clients:
        while True:
            connection, _ = await asyncio.get_running_loop().sock_accept(listener)
            clients.create_task(talk(connection))


asyncio.run(serve(create_server(("127.0.0.1", 0), backlog=100)))
