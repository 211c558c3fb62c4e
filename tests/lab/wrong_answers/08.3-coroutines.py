# Misconception: asyncio handles any load. It is for waiting: a computation blocks all the others.
# Fails: on several cores
# Told: process computed
from servers import main, tcp_asyncio

main.run(tcp_asyncio.serve, main.parser("asyncio"))
