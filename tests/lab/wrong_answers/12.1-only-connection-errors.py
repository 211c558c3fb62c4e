# Misconception: a member that has gone raises ConnectionError. A socket that was closed on this side raises OSError: Bad file descriptor.
# Fails: outlives a listener
# Told: Bad file descriptor
import threading
from socket import create_server

members = {}

def talk(connection):
    name = None
    with connection:
        for line in connection.makefile("r", encoding="utf-8", newline="\n"):
            command, _, rest = line.rstrip("\n").partition(" ")
            if command == "NAME":
                name, members[rest] = rest, connection
            elif command == "SAY":
                for other, his in members.items():
                    if other != name:
                        try:
                            his.sendall(f"SAID {name} {rest}\n".encode())
                        except ConnectionError:
                            pass
            connection.sendall(b"OK\n")

listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
