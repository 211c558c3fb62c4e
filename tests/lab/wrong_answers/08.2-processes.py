# Misconception: processes instead of threads save threads. Each process is a thread of its own.
from servers import main, tcp_fork

main.run(tcp_fork.serve, main.parser("fork"))
