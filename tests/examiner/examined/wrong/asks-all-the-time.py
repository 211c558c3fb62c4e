# Misconception: a loop must check all the time, so that it misses nothing. Waiting misses nothing either, and costs nothing.
# Fails: left alone
# Told: it asks again and again instead of waiting
import socket

listener = socket.create_server(("127.0.0.1", 0))
listener.setblocking(False)
pending = {}  # {connection: (bytes received since its last newline, bytes to send to it)}

while True:
    try:
        connection, peer = listener.accept()
        connection.setblocking(False)
        pending[connection] = b"", b""
    except BlockingIOError:
        pass
    for connection, (half, unsent) in list(pending.items()):
        try:
            if unsent:
                unsent = unsent[connection.send(unsent) :]
            elif data := connection.recv(4096):
                lines, newline, half = (half + data).rpartition(b"\n")
                unsent = lines + newline
            else:
                raise ConnectionError("it has left")
            pending[connection] = half, unsent
        except BlockingIOError:
            pass
        except ConnectionError:
            del pending[connection]
            connection.close()
