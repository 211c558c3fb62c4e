# Misconception: send() sends all of it, also where it must not wait.
# Told: the rest was never sent
import selectors
import socket

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
MOST_WAITING = 64_000_000  # bytes that wait for a member who does not read; beyond that it has to go

selector = selectors.DefaultSelector()
members = {}  # name -> Member


class Member:
    def __init__(self, connection):
        self.connection = connection
        self.name = self.room = None
        self.unread, self.unsent = b"", bytearray()
        self.leaving = self.gone = False

    def attend(self, mask):
        try:
            if mask & WRITE:
                self.connection.send(self.unsent)
                self.unsent.clear()
            elif mask & READ:
                self.receive()
        except BlockingIOError:
            pass
        except OSError:
            self.gone = True
        self.look_ahead()

    def receive(self):
        piece = self.connection.recv(65_536)
        *lines, self.unread = (self.unread + piece).split(b"\n")
        for line in lines:
            if not self.leaving:
                self.tell(self.answer(line))
        if not piece:
            self.leave()

    def look_ahead(self):
        """What this member waits for now; the end, when nothing is left to wait for."""
        if self.gone or self.leaving and not self.unsent or len(self.unsent) > MOST_WAITING:
            self.leave()
            if self.connection in selector.get_map():
                selector.unregister(self.connection)
            self.connection.close()
        else:
            selector.modify(self.connection, WRITE if self.leaving else READ | WRITE if self.unsent else READ, self)

    def tell(self, line):
        self.unsent += line.encode() + b"\n"

    def tell_room(self, line):
        for one in self.here():
            if one is not self:
                one.tell(line)
                one.look_ahead()

    def here(self):
        return [one for one in list(members.values()) if one.room == self.room]

    def leave_room(self):
        room, self.room = self.room, None
        if room:
            for one in [one for one in list(members.values()) if one.room == room]:
                one.tell(f"LEFT {self.name}")
                one.look_ahead()

    def leave(self):
        if members.get(self.name) is self:
            del members[self.name]
            self.leave_room()
        self.leaving = True

    def answer(self, line):
        try:
            command, _, rest = line.decode().partition(" ")
        except UnicodeDecodeError:
            return "NO text"
        if command == "QUIT":
            self.leave()
            return "BYE"
        if command == "NAME":
            return self.take_name(rest)
        if not self.name:
            return "NO name"
        return getattr(self, f"do_{command}", self.unknown)(rest)

    def take_name(self, name):
        if self.name:
            return "NO named"
        if not valid(name):
            return "NO name"
        if name in members:
            return "NO taken"
        self.name, members[name] = name, self
        return "OK"

    def unknown(self, rest):
        return "NO command"

    def do_JOIN(self, room):
        if not valid(room):
            return "NO room"
        self.leave_room()
        self.room = room
        self.tell_room(f"JOINED {self.name}")
        return "OK"

    def do_SAY(self, text):
        if not self.room:
            return "NO room"
        self.tell_room(f"SAID {self.name} {text}")
        return "OK"

    def do_TELL(self, rest):
        name, _, text = rest.partition(" ")
        if name not in members:
            return "NO nobody"
        members[name].tell(f"TOLD {self.name} {text}")
        members[name].look_ahead()
        return "OK"

    def do_WHO(self, rest):
        return " ".join(["HERE", *sorted(one.name for one in self.here())]) if self.room else "NO room"


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
        elif key.fileobj.fileno() >= 0:  # it may have been let go in this very round
            key.data.attend(mask)
