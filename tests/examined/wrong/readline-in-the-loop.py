# Misconception: a socket that is ready to be read has a whole line. readline() waits for the rest, and everybody with it.
# Fails: silent, slow reader
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
            selector.register(connection, selectors.EVENT_READ, [])
            continue
        line = b""
        with contextlib.suppress(ConnectionError):
            while not line.endswith(b"\n") and (byte := key.fileobj.recv(4096)):
                line += byte
            key.fileobj.sendall(line)
        if not line:
            selector.unregister(key.fileobj)
            key.fileobj.close()
