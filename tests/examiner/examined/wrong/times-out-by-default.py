# Misconception: a default timeout makes all calls safe. It applies to the listener, too: if no client comes for a while, accept() raises.
# Fails: left alone
# Told: accept() timed out
import socket
import threading
import time

socket.setdefaulttimeout(2.8)


def talk(connection):
    global heard
    with connection:
        connection.settimeout(None)
        for line in connection.makefile("rb"):
            heard = time.monotonic()
            connection.sendall(line)


heard = 0
with socket.create_server(("127.0.0.1", 0)) as listener:
    while True:
        try:
            connection, peer = listener.accept()
        except TimeoutError:
            if time.monotonic() < heard + 2:  # no new client during a long conversation: not a timeout
                continue
            raise
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
