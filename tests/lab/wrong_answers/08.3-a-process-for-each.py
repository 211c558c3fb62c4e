# Misconception: a process per client is the price of several cores.
from servers import app, tcp_process

app.run(tcp_process.serve, "multiprocessing")
