# Misconception: a pool of eight is enough for ten clients. The silent clients occupy the whole pool.
# Fails: nobody starves
# Told: 10 of the 10 were never answered
from servers import main, tcp_pool

tcp_pool.parser.set_defaults(workers=7)
main.run(tcp_pool.serve, tcp_pool.parser)
