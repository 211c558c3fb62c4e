# Misconception: more threads use more cores. In one process, Python code runs in one thread at a time (GIL).
# Fails: on several cores
# Told: process computed
from servers import main, tcp_thread

main.run(tcp_thread.serve, main.parser("a thread per client"))
