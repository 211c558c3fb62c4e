# Misconception: one loop for many clients is enough. But its `sleep` blocks its only thread.
# Fails: nobody starves
# Told: of the 10 were never answered
from servers import main, tcp_epoll, tcp_select

model = tcp_epoll if hasattr(__import__("select"), "epoll") else tcp_select
main.run(model.serve, main.parser("epoll"))
