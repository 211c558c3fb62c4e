# Misconception: more threads use more cores. Python code of one process runs in one thread at a time (GIL).
from servers import app, tcp_thread

app.run(tcp_thread.serve, "a thread per client")
