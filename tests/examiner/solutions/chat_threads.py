"""The chat of lesson 12: two threads for each member, one that reads its commands, one that sends what is in its queue."""

import queue
import socket
import threading

MAX_LINE = 10_000  # bytes in a line, without its newline
MAX_WAITING = 8_000_000  # bytes waiting for a member that does not read; beyond that it is disconnected

lock = threading.Lock()  # held while a line is carried out, which never waits
members = {}  # {name: Member}


class Member:
    def __init__(self, connection):
        self.connection = connection
        self.name = self.room = None
        self.outgoing, self.waiting = queue.Queue(), 0

    def tell(self, line):
        """Put the line into the queue, without waiting. The caller holds the lock."""
        data = line.encode() + b"\n"
        self.waiting += len(data)
        if self.waiting > MAX_WAITING:
            hang_up(self.connection)
        else:
            self.outgoing.put(data)

    def write(self):
        """Send what is in the queue, until None comes: the sending thread runs this."""
        try:
            while (data := self.outgoing.get()) is not None:
                self.connection.sendall(data)
                with lock:
                    self.waiting -= len(data)
        except OSError:
            hang_up(self.connection)


def hang_up(connection):
    """Wake both threads of a member, which then see the end of the connection."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def read(member):
    lines = member.connection.makefile("rb")
    while (line := lines.readline(MAX_LINE + 1)).endswith(b"\n"):  # otherwise it is too long, or an incomplete last line
        with lock:
            answer = carry_out(member, line.removesuffix(b"\n"))
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


# What follows is the protocol. It uses no socket, and is the same in every model.


def carry_out(member, line):
    """Return the answer to a line. The others are told first."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return "NO text"
    command, _, rest = text.partition(" ")
    if text == "QUIT":
        leave(member)
        return "BYE"
    if command == "NAME":
        return take_name(member, rest)
    if not member.name:
        return "NO name"
    if command == "JOIN":
        return join(member, rest)
    if command == "SAY" and rest:
        return say(member, rest)
    if command == "TELL" and rest.partition(" ")[2]:
        return tell_one(member, *rest.split(" ", 1))
    if text == "WHO":
        return who(member)
    return "NO command"


def take_name(member, name):
    if member.name:
        return "NO named"
    if not valid(name):
        return "NO name"
    if name in members:
        return "NO taken"
    member.name, members[name] = name, member
    return "OK"


def join(member, room):
    if not valid(room):
        return "NO room"
    leave_room(member)
    member.room = room
    tell_room(member, f"JOINED {member.name}")
    return "OK"


def say(member, text):
    if not member.room:
        return "NO room"
    tell_room(member, f"SAID {member.name} {text}")
    return "OK"


def tell_one(member, name, text):
    if name not in members:
        return "NO nobody"
    members[name].tell(f"TOLD {member.name} {text}")
    return "OK"


def who(member):
    if not member.room:
        return "NO room"
    return " ".join(["HERE", *sorted(one.name for one in members.values() if one.room == member.room)])


def tell_room(member, line):
    for one in list(members.values()):
        if one.room == member.room and one is not member:
            one.tell(line)


def leave_room(member):
    if member.room:
        tell_room(member, f"LEFT {member.name}")
        member.room = None


def leave(member):
    leave_room(member)
    if members.get(member.name) is member:
        del members[member.name]


def valid(name):
    return name.isalnum() and len(name) <= 20


listener = socket.create_server(("127.0.0.1", 0), backlog=128)
while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=[connection], daemon=True).start()
