# Misconception: a pool only has to be large enough. It is, but then it has too many threads.
# Fails: with few threads
# Told: there were more than 8 at one moment
from servers import main, tcp_pool

tcp_pool.parser.set_defaults(workers=50)
main.run(tcp_pool.serve, tcp_pool.parser)
