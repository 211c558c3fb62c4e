# Misconception: a socket that waits for writing once need not be read again. The server never goes back to waiting for data.
# Fails: all of it
# Told: the rest was never sent
import selectors
from selectors import EVENT_READ, EVENT_WRITE
from socket import create_server

unsent = {}
listener = create_server(("127.0.0.1", 0))
selector = selectors.DefaultSelector()
selector.register(listener, EVENT_READ)
while True:
    for key, ready in selector.select():
        sock = key.fileobj
        if sock is listener:
            connection, peer = listener.accept()
            connection.setblocking(False)
            unsent[connection] = b""
            selector.register(connection, EVENT_READ)
            continue
        try:
            if ready & EVENT_READ:
                unsent[sock] = sock.recv(4096)
                if not unsent[sock]:
                    raise ConnectionError
            unsent[sock] = unsent[sock][sock.send(unsent[sock]) :]
            if unsent[sock]:
                selector.modify(sock, EVENT_WRITE)
        except BlockingIOError:
            selector.modify(sock, EVENT_WRITE)
        except ConnectionError:
            selector.unregister(sock)
            del unsent[sock]
            sock.close()
