# Misconception: a client that has finished wants nothing more. What send() did not take is dropped with the client's entry.
# Fails: half-close
# Told: or forgets what it could not send at once
import select
from socket import create_server

listener = create_server(("127.0.0.1", 0), backlog=100)
listener.setblocking(False)
poller = select.poll()
poller.register(listener, select.POLLIN)
clients, unsent = {}, {}

while True:
    for number, event in poller.poll():
        if number == listener.fileno():
            connection, peer = listener.accept()
            connection.setblocking(False)
            clients[connection.fileno()], unsent[connection.fileno()] = connection, b""
            poller.register(connection, select.POLLIN)
            continue
        try:
            if event & select.POLLOUT:
                unsent[number] = unsent[number][clients[number].send(unsent[number]) :]
            if event & (select.POLLIN | select.POLLHUP):
                data = clients[number].recv(4096)
                unsent[number] += data
                if not data:
                    raise ConnectionError
        except OSError:
            poller.unregister(number)
            clients.pop(number).close()
            continue
        room = select.POLLIN if len(unsent[number]) < 65_536 else 0
        poller.modify(number, room | (select.POLLOUT if unsent[number] else 0))
