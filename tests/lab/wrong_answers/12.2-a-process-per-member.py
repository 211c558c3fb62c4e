# Misconception: a dictionary that is global is everybody's. After a fork each child has a copy of its own.
# Told: each process knows only its own
import os
import queue
import signal
import socket
import threading

MOST_WAITING = 2_000  # lines in the queue of a member who does not read; beyond that it has to go

lock = threading.Lock()
members = {}  # name -> Member; whoever looks or changes holds the lock


class Member:
    def __init__(self, connection):
        self.connection = connection
        self.name = self.room = None
        self.outgoing = queue.Queue()

    def tell(self, line):
        """Never waits: the line goes into the queue. Who does not read is broken off, and so leaves."""
        if self.outgoing.qsize() > MOST_WAITING:
            hang_up(self.connection)
        else:
            self.outgoing.put(line)

    def write(self):
        """What the sending thread does, until it finds None."""
        try:
            while (line := self.outgoing.get()) is not None:
                self.connection.sendall(line.encode() + b"\n")
        except OSError:
            hang_up(self.connection)

    def others(self):
        return [one for one in members.values() if one.room == self.room and one is not self]


def hang_up(connection):
    """Wake the thread that reads: it finds the end."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def valid(name):
    return name.isalnum() and len(name) <= 20


def leave_room(member):
    if member.room:
        for other in member.others():
            other.tell(f"LEFT {member.name}")
        member.room = None


def leave(member):
    leave_room(member)
    if members.get(member.name) is member:
        del members[member.name]


def carry_out(member, line):
    """The answer to a command. The lock is held."""
    command, _, rest = line.partition(" ")
    if command == "QUIT":
        leave(member)
        return "BYE"
    if command == "NAME" and member.name:
        return "NO named"
    if command == "NAME" and rest in members:
        return "NO taken"
    if command == "NAME" and valid(rest):
        member.name, members[rest] = rest, member
        return "OK"
    if not member.name:
        return "NO name"
    if command == "JOIN" and valid(rest):
        leave_room(member)
        member.room = rest
        for other in member.others():
            other.tell(f"JOINED {member.name}")
        return "OK"
    if command == "TELL":
        name, _, text = rest.partition(" ")
        if name not in members:
            return "NO nobody"
        members[name].tell(f"TOLD {member.name} {text}")
        return "OK"
    if command in ("JOIN", "SAY", "WHO") and not member.room:
        return "NO room"
    if command == "SAY":
        for other in member.others():
            other.tell(f"SAID {member.name} {rest}")
        return "OK"
    if command == "WHO":
        return " ".join(["HERE", *sorted([member.name, *(one.name for one in member.others())])])
    return "NO room" if command == "JOIN" else "NO command"


def read(member):
    for line in member.connection.makefile("rb"):
        try:
            text = line.removesuffix(b"\n").decode()
        except UnicodeDecodeError:
            member.tell("NO text")
            continue
        with lock:
            answer = carry_out(member, text)
            member.tell(answer)
        if answer == "BYE":
            return


def serve(connection):
    member = Member(connection)
    writer = threading.Thread(target=member.write, daemon=True)
    writer.start()
    with connection:
        try:
            read(member)
        except OSError:
            pass
        with lock:
            leave(member)
        member.outgoing.put(None)
        writer.join(5)
        hang_up(connection)


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.create_server(("127.0.0.1", 0), backlog=128)
while True:
    connection, _ = listener.accept()
    if os.fork() == 0:
        try:
            listener.close()
            serve(connection)
        finally:
            os._exit(0)
    connection.close()
