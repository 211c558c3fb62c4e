# Misconception: only recv() can make a loop wait. sendall() waits, too, for a client that does not read.
# Fails: slow reader
# Told: the server waits in send() for a client that does not read
import contextlib
import selectors
from socket import create_server

selector = selectors.DefaultSelector()
listener = create_server(("127.0.0.1", 0), backlog=100)
selector.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in selector.select():
        if key.fileobj is listener:
            connection, _ = listener.accept()
            selector.register(connection, selectors.EVENT_READ)
            continue
        data = b""
        with contextlib.suppress(ConnectionError):
            if data := key.fileobj.recv(4096):
                key.fileobj.sendall(data)
        if not data:
            selector.unregister(key.fileobj)
            key.fileobj.close()
