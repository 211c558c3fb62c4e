# Misconception: a pool of eight is enough for ten. The silent clients take the whole pool.
from servers import app, tcp_pool

app.run(lambda listener: tcp_pool.serve(listener, 7, "threads"), "a pool")
