# Misconception: a pool is a pool. Threads share the GIL, processes do not.
# Fails: on several cores
# Told: process computed
from servers import main, tcp_pool

main.run(tcp_pool.serve, tcp_pool.parser)
