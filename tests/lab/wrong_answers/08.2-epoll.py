# Misconception: one loop for many clients is all it takes. But its `sleep` stops the one thread that there is.
# Fails: nobody starves
# Told: of the 10 were never answered
from servers import main, tcp_epoll, tcp_select

model = tcp_epoll if hasattr(__import__("select"), "epoll") else tcp_select
main.run(model.serve, main.parser("epoll"))
