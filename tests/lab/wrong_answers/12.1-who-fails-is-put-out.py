# Misconception: who cannot be told has left, and so the speaker's loop may end with an error: the thread of the speaker ends.
# Fails: outlives a listener
# Told: dora came first, and has left
import threading
from socket import create_server

members = {}

def tell(name, line):
    members[name].sendall(line.encode() + b"\n")

def talk(connection):
    name = None
    try:
        with connection:
            for line in connection.makefile("r", encoding="utf-8", newline="\n"):
                command, _, rest = line.rstrip("\n").partition(" ")
                if command == "NAME":
                    name, members[rest] = rest, connection
                elif command == "SAY":
                    for other in list(members):
                        if other != name:
                            tell(other, f"SAID {name} {rest}")
                connection.sendall(b"OK\n")
    except OSError:
        pass                      # this member broke off
    finally:
        pass

listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
