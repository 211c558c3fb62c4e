# Misconception: processes instead of threads save threads. Each process is a thread of its own.
from servers import app, tcp_fork

app.run(tcp_fork.serve, "fork")
