# Misconception: a pool needs only to be large enough. It is, and it is no longer small.
from servers import app, tcp_pool

app.run(lambda listener: tcp_pool.serve(listener, 50, "threads"), "a large pool")
