# Misconception: asyncio is for load. It is for waiting: whoever computes, computes alone.
# Fails: on several cores
# Told: process computed
from servers import main, tcp_asyncio

main.run(tcp_asyncio.serve, main.parser("asyncio"))
