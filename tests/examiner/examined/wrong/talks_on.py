# Misconception: recv() raises, or waits, when the client has no more to say; so the goodbye is sent again and again.
# Fails: half-close
# Told: it ignores that recv() returned b''
import threading
from socket import create_server

from servers import app


def talk(connection):
    lines = app.Lines()
    with connection:
        while True:
            piece = connection.recv(4096)
            for line in lines.feed(piece):
                connection.sendall(app.answer(line) + b"\n")
            if not piece:
                connection.sendall(b"bye ")


with create_server(("127.0.0.1", 0), backlog=300) as listener:
    while True:
        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
