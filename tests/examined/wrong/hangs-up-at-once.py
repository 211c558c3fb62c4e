# Misconception: a client that has finished sending has left. It still reads.
# Fails: half-close
import selectors
from socket import create_server

selector = selectors.DefaultSelector()
listener = create_server(("127.0.0.1", 0), backlog=100)
selector.register(listener, selectors.EVENT_READ)
unsent = {}


def drop(connection):
    selector.unregister(connection)
    del unsent[connection]
    connection.close()


while True:
    for key, mask in selector.select():
        connection = key.fileobj
        try:
            if connection is listener:
                connection, _ = listener.accept()
                connection.setblocking(False)
                unsent[connection] = b""
                selector.register(connection, selectors.EVENT_READ)
            elif mask & selectors.EVENT_WRITE:
                unsent[connection] = unsent[connection][connection.send(unsent[connection][:4096]) :]
                if not unsent[connection]:
                    selector.modify(connection, selectors.EVENT_READ)
                elif len(unsent[connection]) < 1_000_000:
                    selector.modify(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
            if connection is not listener and mask & selectors.EVENT_READ and key.fileobj is not listener:
                if data := connection.recv(65_536):
                    unsent[connection] += data
                    full = len(unsent[connection]) > 1_000_000
                    selector.modify(connection, selectors.EVENT_WRITE | (0 if full else selectors.EVENT_READ))
                else:
                    drop(connection)
        except OSError:
            drop(connection)
