# Misconception: send() sends all of it.
# Fails: half-close, all of it
# Told: send() says how much it took
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
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ)
            continue
        data = b""
        with contextlib.suppress(ConnectionError):
            if data := key.fileobj.recv(4096):
                with contextlib.suppress(BlockingIOError):
                    key.fileobj.send(data)
        if not data:
            selector.unregister(key.fileobj)
            key.fileobj.close()
