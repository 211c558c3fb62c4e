# Misconception: the clients only wait, so the simplest model will do. They wait for the first, silent one.
from servers import main, tcp_loop

main.run(tcp_loop.serve, main.parser("the loop"))
