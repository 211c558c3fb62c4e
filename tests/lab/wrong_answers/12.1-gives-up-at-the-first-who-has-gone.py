# Misconception: one try around the loop is enough. Whoever comes after the one that has gone hears nothing.
# Fails: outlives a listener
# Told: and ben did not hear it
import threading
from socket import create_server

members = {}

def talk(connection):
    name = None
    try:
        with connection:
            for line in connection.makefile("r", encoding="utf-8", newline="\n"):
                command, _, rest = line.rstrip("\n").partition(" ")
                if command == "NAME":
                    name, members[rest] = rest, connection
                elif command == "SAY":
                    try:
                        for other in list(members):
                            if other != name:
                                members[other].sendall(f"SAID {name} {rest}\n".encode())
                    except OSError:
                        pass
                connection.sendall(b"OK\n")
    except OSError:
        pass                      # this member broke off

listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
