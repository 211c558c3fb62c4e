# Misconception: the shorter the time-out, the better; but who thinks for a moment is not silent for ever.
# Fails: is not too impatient
# Told: silent for 0.2 s, then sent 'still here'
from socket import create_server

with create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        with connection:
            connection.settimeout(0.05)
            try:
                while data := connection.recv(1024):
                    connection.sendall(data)
            except TimeoutError:
                pass
