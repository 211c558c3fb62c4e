# Misconception: asyncio is for load. It is for waiting: whoever computes, computes alone.
from servers import app, tcp_asyncio

app.run(tcp_asyncio.serve, "asyncio")
