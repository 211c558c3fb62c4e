# Misconception: a client's data can be found by its descriptor. The next client gets the same number, and so the unsent bytes.
# Fails: reset
# Told: not dropped when its client has left
import collections
import selectors
from socket import create_server

listener = create_server(("127.0.0.1", 0), backlog=100)
selector = selectors.DefaultSelector()
selector.register(listener, selectors.EVENT_READ)
unsent = collections.defaultdict(bytes)

while True:
    for key, event in selector.select():
        if key.fileobj is listener:
            connection, peer = listener.accept()
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ)
            continue
        try:
            if event & selectors.EVENT_READ:
                if not (data := key.fileobj.recv(4096)):
                    raise ConnectionError
                unsent[key.fd] += data
            unsent[key.fd] = unsent[key.fd][key.fileobj.send(unsent[key.fd]) :]
        except BlockingIOError:
            pass
        except OSError:
            selector.unregister(key.fileobj)
            key.fileobj.close()
            continue
        selector.modify(key.fileobj, selectors.EVENT_WRITE if unsent[key.fd] else selectors.EVENT_READ)
