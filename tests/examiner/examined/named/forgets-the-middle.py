# Misconception: a line comes in two pieces at most. A third one takes the place of the second.
# Fails: pieces
# Told: forgotten when the next piece comes
import threading
from socket import create_server


def talk(connection):
    rest = b""
    with connection:
        while data := connection.recv(65_536):
            first, *lines = data.split(b"\n")
            if lines:
                *lines, rest = [rest + first, *lines]
                connection.sendall(b"".join(line + b"\n" for line in lines))
            else:
                rest = data


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
