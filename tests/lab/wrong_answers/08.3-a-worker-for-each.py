# Misconception: as many workers as clients. They would need as many cores.
from servers import app, tcp_pool

app.run(lambda listener: tcp_pool.serve(listener, 12, "processes"), "a pool of twelve")
