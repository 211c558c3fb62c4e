# Misconception: a file is closed when it is no longer needed. The dictionary keeps it open.
# Fails: descriptors
# Told: something opened for a client besides its connection stays open
import contextlib
import tempfile
import threading
from socket import create_server

logs = {}


def talk(connection, address):
    logs[address] = tempfile.TemporaryFile()
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            logs[address].write(data)
            connection.sendall(data)


server = create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=talk, args=server.accept(), daemon=True).start()
