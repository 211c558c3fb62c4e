# Misconception: a client that has sent nothing for half a second has sent all of its line.
# Fails: patience
# Told: a pause is taken for the end of the line
import socket
import threading


def talk(connection):
    rest = b""
    with connection:
        while True:
            connection.settimeout(0.5)
            try:
                data = connection.recv(65_536)
            except TimeoutError:
                data = b"\n" if rest else b""
                if not data:
                    continue
            except ConnectionError:
                return
            else:
                if not data:
                    return
            connection.settimeout(None)
            *lines, rest = (rest + data).split(b"\n")
            try:
                connection.sendall(b"".join(line + b"\n" for line in lines))
            except ConnectionError:
                return


with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
    while True:
        threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()
