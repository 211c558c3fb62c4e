# Misconception: the clients only wait, so the simplest model will do. They wait for the first, silent client.
# Fails: nobody starves
# Told: 10 of the 10 were never answered
from servers import main, tcp_loop

main.run(tcp_loop.serve, main.parser("the loop"))
