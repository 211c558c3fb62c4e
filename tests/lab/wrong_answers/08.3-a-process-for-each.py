# Misconception: a process per client is the price of several cores.
from servers import main, tcp_process

main.run(tcp_process.serve, main.parser("multiprocessing"))
