# Misconception: what one recv() returns is one message.
# Fails: knows lines
# Told: sent 'hel', then 'lo' and a newline, expected '5', got ['3'
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        with connection:
            while data := connection.recv(1024):
                connection.sendall(b"%d\n" % len(data.decode().rstrip("\n")))
