# Misconception: asyncio is for load. It is for waiting: whoever computes, computes alone.
from servers import main, tcp_asyncio

main.run(tcp_asyncio.serve, main.parser("asyncio"))
