# Misconception: a name that leaves may be deleted. It may belong to another connection by now.
# Fails: knows the new one
# Told: his first connection has ended
import threading
from socket import create_server

members = {}

def tell(name, line):
    try:
        members[name].sendall(line.encode() + b"\n")
    except (KeyError, OSError):   # gone meanwhile; its own thread notices, too
        pass

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
        members.pop(name, None)

listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
