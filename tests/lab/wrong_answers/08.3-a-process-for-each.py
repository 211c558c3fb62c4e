# Misconception: a process per client is the price of several cores.
# Fails: with few processes
# Told: there were more than 6
from servers import main, tcp_process

main.run(tcp_process.serve, main.parser("multiprocessing"))
