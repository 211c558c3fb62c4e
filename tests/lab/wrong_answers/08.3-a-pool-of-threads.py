# Misconception: a pool is a pool. Threads share the GIL, processes do not.
from servers import app, tcp_pool

app.run(lambda listener: tcp_pool.serve(listener, 4, "threads"), "a pool of threads")
