# Misconception: EPOLLONESHOT reports once per line. It reports once, and then nothing until modify().
# Fails: answers
# Told: the selector does not tell of this client any more
import select
from socket import create_server

server = create_server(("127.0.0.1", 0))
epoll = select.epoll()
epoll.register(server, select.EPOLLIN)
clients = {}
while True:
    for descriptor, _ in epoll.poll():
        if descriptor == server.fileno():
            connection, _ = server.accept()
            clients[connection.fileno()] = connection
            epoll.register(connection, select.EPOLLIN | select.EPOLLONESHOT)
        else:
            clients[descriptor].sendall(clients[descriptor].recv(4096))
