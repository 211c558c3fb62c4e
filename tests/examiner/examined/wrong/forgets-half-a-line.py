# Misconception: what follows the last newline of a piece is not a line, so it can be dropped.
# Fails: pieces, half-close, silent, all of it
# Told: what has no newline yet is thrown away
import selectors
from socket import create_server

selector = selectors.DefaultSelector()
listener = create_server(("127.0.0.1", 0), backlog=100)
selector.register(listener, selectors.EVENT_READ)
unsent = {}


def serve(connection, mask):
    if mask & selectors.EVENT_READ:
        if not (data := connection.recv(70_000)):
            if not unsent[connection]:
                raise ConnectionError
            selector.modify(connection, selectors.EVENT_WRITE, "last")
            return
        unsent[connection] += data[: data.rfind(b"\n") + 1]
    if unsent[connection]:
        try:
            del unsent[connection][: connection.send(unsent[connection])]
        except BlockingIOError:
            pass
    elif selector.get_key(connection).data == "last":
        raise ConnectionError
    if selector.get_key(connection).data != "last":
        selector.modify(connection, selectors.EVENT_WRITE if unsent[connection] else selectors.EVENT_READ)


while True:
    for key, mask in selector.select():
        if key.fileobj is listener:
            connection, _ = listener.accept()
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ)
            unsent[connection] = bytearray()
            continue
        try:
            serve(key.fileobj, mask)
        except ConnectionError:
            selector.unregister(key.fileobj)
            del unsent[key.fileobj]
            key.fileobj.close()
