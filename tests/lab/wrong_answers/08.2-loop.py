# Misconception: the clients only wait, so the simplest model will do. They wait for the first, silent one.
from servers import app, tcp_loop

app.run(tcp_loop.serve, "the loop")
