# Misconception: the timeout belongs on the listener. But the call that blocks is the connection's recv().
# Fails: gets rid of the silent
# Told: The server has not accepted this client yet
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    listener.settimeout(0.5)
    while True:
        try:
            connection, peer = listener.accept()
        except TimeoutError:
            continue
        connection.settimeout(None)
        with connection:
            while data := connection.recv(1024):
                connection.sendall(data)
