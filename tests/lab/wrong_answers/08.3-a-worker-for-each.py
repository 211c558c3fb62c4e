# Misconception: there should be as many workers as clients. They would need as many cores.
# Fails: with few processes
# Told: there were more than 6
from servers import main, tcp_pool

tcp_pool.parser.set_defaults(workers=12, pool="processes")
main.run(tcp_pool.serve, tcp_pool.parser)
