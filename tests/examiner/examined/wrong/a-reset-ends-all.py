# Misconception: recv() and sendall() give data or nothing. They also raise, and here that is everybody's end.
# Fails: reset, descriptors
# Told: a connection that broke off raises ConnectionResetError or BrokenPipeError
import selectors
from socket import create_server

selector = selectors.DefaultSelector()
listener = create_server(("127.0.0.1", 0), backlog=100)
listener.setblocking(False)
selector.register(listener, selectors.EVENT_READ)
unsent = {}
while True:
    for key, mask in selector.select():
        connection = key.fileobj
        if connection is listener:
            connection, _ = listener.accept()
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ)
            unsent[connection] = b""
        elif mask & selectors.EVENT_WRITE:
            unsent[connection] = unsent[connection][connection.send(unsent[connection]) :]
            if not unsent[connection]:
                selector.modify(connection, selectors.EVENT_READ)
        elif data := connection.recv(4096):
            unsent[connection] = data
            selector.modify(connection, selectors.EVENT_WRITE)
        else:
            selector.unregister(connection)
            del unsent[connection]
            connection.close()
