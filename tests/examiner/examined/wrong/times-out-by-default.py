# Misconception: a default time-out makes all calls safe. It is the listener's, too: nobody comes for a while, and accept() raises.
# Fails: left alone
# Told: accept() timed out
import socket
import threading

socket.setdefaulttimeout(2.8)


def talk(connection):
    with connection:
        connection.settimeout(None)
        for line in connection.makefile("rb"):
            connection.sendall(line)


with socket.create_server(("127.0.0.1", 0)) as listener:
    while True:
        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
