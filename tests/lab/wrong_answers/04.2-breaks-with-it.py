# Misconception: a client that breaks off says so politely. recv() raises, and the server ends with it.
# Fails: outlives a break
# Told: Your server has exited with code 1
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
        elif ready & EVENT_READ:
            unsent[sock] = sock.recv(4096)
            if unsent[sock]:
                selector.modify(sock, EVENT_WRITE)
            else:
                selector.unregister(sock)
                del unsent[sock]
                sock.close()
        else:
            unsent[sock] = unsent[sock][sock.send(unsent[sock]) :]
            if not unsent[sock]:
                selector.modify(sock, EVENT_READ)
