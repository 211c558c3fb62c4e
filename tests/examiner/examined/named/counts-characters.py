# Misconception: a text has as many bytes as characters.
# Fails: pieces
# Told: is taken for its number of bytes
import threading
from socket import create_server


def talk(connection):
    with connection, connection.makefile("r", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            connection.sendall(line.encode()[: len(line)])


with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
