"""I/O multiplexing by hand, with selectors and non-blocking sockets."""

import selectors
import socket

chooser = selectors.DefaultSelector()
listener = socket.create_server(("127.0.0.1", 0))
listener.setblocking(False)
chooser.register(listener, selectors.EVENT_READ)

while True:
    for key, _ in chooser.select():
        if key.fileobj is listener:
            client, _ = listener.accept()
            client.setblocking(False)
            chooser.register(client, selectors.EVENT_READ)
        elif data := key.fileobj.recv(4096):
            key.fileobj.send(data)
        else:
            chooser.unregister(key.fileobj)
            key.fileobj.close()
