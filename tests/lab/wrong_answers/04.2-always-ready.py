# Misconception: to be asked is to be served. Every client is always waited for as ready to be written, which it always is: a busy loop.
# Fails: rests when nobody talks
# Told: it asks in a loop
from select import select
from socket import create_server

listener = create_server(("127.0.0.1", 0))
unsent = {}
while True:
    to_read, to_write, _ = select([listener, *(sock for sock in unsent if not unsent[sock])], [*unsent], [])
    for sock in to_read:
        if sock is listener:
            connection, peer = listener.accept()
            connection.setblocking(False)
            unsent[connection] = b""
            continue
        try:
            unsent[sock] = sock.recv(4096)
        except ConnectionError:
            unsent[sock] = b""
        if not unsent[sock]:
            del unsent[sock]
            sock.close()
    for sock in to_write:
        if sock in unsent and unsent[sock]:
            try:
                unsent[sock] = unsent[sock][sock.send(unsent[sock]) :]
            except ConnectionError:
                del unsent[sock]
                sock.close()
