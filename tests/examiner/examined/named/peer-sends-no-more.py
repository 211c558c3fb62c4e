# Misconception: EPOLLRDHUP means that the client has left.
# Fails: half-close
# Told: or EPOLLRDHUP is taken for the end
import select
from socket import create_server

listener = create_server(("127.0.0.1", 0))
epoll = select.epoll()
epoll.register(listener, select.EPOLLIN)
clients = {}  # {descriptor: [connection, unsent bytes]}
while True:
    for descriptor, events in epoll.poll():
        if descriptor == listener.fileno():
            connection, address = listener.accept()
            connection.setblocking(False)
            clients[connection.fileno()] = [connection, b""]
            epoll.register(connection, select.EPOLLIN | select.EPOLLRDHUP)
            continue
        connection, unsent = clients[descriptor]
        if events & (select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR):
            del clients[descriptor]
            connection.close()
            continue
        if events & select.EPOLLIN:
            unsent += connection.recv(4096)
        unsent = unsent[connection.send(unsent) :]
        clients[descriptor][1] = unsent
        epoll.modify(descriptor, select.EPOLLRDHUP | (select.EPOLLOUT if unsent else select.EPOLLIN))
