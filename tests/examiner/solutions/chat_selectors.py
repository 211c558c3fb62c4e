"""The chat of lesson 12 with I/O multiplexing: one thread, one loop; what cannot be sent now waits in the member's `unsent`."""

import selectors
import socket

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
MAX_LINE = 10_000  # bytes in a line, without its newline
MAX_WAITING = 8_000_000  # bytes waiting for a member that does not read; beyond that it is disconnected

selector = selectors.DefaultSelector()
members = {}  # {name: Member}


class Member:
    def __init__(self, connection):
        self.connection = connection
        self.name = self.room = None
        self.unread, self.unsent = b"", bytearray()
        self.leaving = self.gone = False

    def tell(self, line):
        """Append the line to `unsent`, without waiting."""
        if not self.gone:
            self.unsent += line.encode() + b"\n"
            self.look_ahead()

    def attend(self, mask):
        try:
            if mask & WRITE:
                del self.unsent[: self.connection.send(self.unsent[:65_536])]
            if mask & READ:
                self.receive()
        except BlockingIOError:
            pass
        except OSError:
            return self.hang_up()
        self.look_ahead()

    def receive(self):
        piece = self.connection.recv(65_536)
        *lines, self.unread = (self.unread + piece).split(b"\n")  # `unread` stays short: a longer line ends the connection
        for line in lines:
            if len(line) > MAX_LINE:
                return self.hang_up()
            if self.leaving or self.gone:
                return
            answer = carry_out(self, line)
            self.leaving = answer == "BYE"
            self.tell(answer)
        if len(self.unread) > MAX_LINE:
            return self.hang_up()
        if not piece:
            leave(self)
            self.leaving = True

    def look_ahead(self):
        """Tell the selector what this member waits for now; hang up if nothing is left to wait for."""
        if self.gone:
            return
        if self.leaving and not self.unsent or len(self.unsent) > MAX_WAITING:
            return self.hang_up()
        events = WRITE if self.leaving else READ | WRITE if self.unsent else READ
        if events != selector.get_key(self.connection).events:
            selector.modify(self.connection, events, self)

    def hang_up(self):
        if not self.gone:
            self.gone = True
            selector.unregister(self.connection)
            self.connection.close()
            leave(self)


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
selector.register(listener, READ)
while True:
    for key, mask in selector.select():
        if key.fileobj is listener:
            connection, _ = listener.accept()
            connection.setblocking(False)
            selector.register(connection, READ, Member(connection))
        elif not key.data.gone:  # it may have been disconnected in this same round
            key.data.attend(mask)
