# Misconception: the connection closes by itself. It does when Python drops the object: here, when the next client comes.
# Fails: survives
# Told: 5 s later it was still connected
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        connection.settimeout(0.5)
        try:
            while data := connection.recv(1024):
                connection.sendall(data)
        except TimeoutError:
            pass
