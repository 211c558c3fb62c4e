# Misconception: memory is free. The server keeps reading while answers are unsent, and stores them all.
# Fails: memory
# Told: there is no backpressure
from select import select
from socket import create_server

listener = create_server(("127.0.0.1", 0))
unsent = {}
leaving = set()
while True:
    to_hear = [sock for sock in unsent if sock not in leaving]
    to_read, to_write, _ = select([listener, *to_hear], [sock for sock in unsent if unsent[sock] or sock in leaving], [])
    for sock in to_read:
        if sock is listener:
            connection, peer = listener.accept()
            connection.setblocking(False)
            unsent[connection] = bytearray()
            continue
        try:
            data = sock.recv(65536)
        except ConnectionError:
            data = b""
        unsent[sock] += data
        if not data:
            leaving.add(sock)
    for sock in to_write:
        try:
            del unsent[sock][: sock.send(unsent[sock])]
        except ConnectionError:
            unsent[sock].clear()
        if sock in leaving and not unsent[sock]:
            leaving.discard(sock)
            del unsent[sock]
            sock.close()
