# Misconception: a member found gone can be removed from the list at once. But the loop is still iterating over that list.
# Fails: outlives a listener
# Told: changed size during iteration
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
                        except OSError:
                            del members[other]
            connection.sendall(b"OK\n")

listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
