# Misconception: processes instead of threads save threads. Each process has a thread.
# Fails: with few threads
# Told: there were more than 8 at one moment
from servers import main, tcp_fork

main.run(tcp_fork.serve, main.parser("fork"))
