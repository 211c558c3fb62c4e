"""The chat of lesson 12 as coroutines: one thread, no lock; write() never waits, so no member delays another."""

import asyncio

MAX_LINE = 10_000  # bytes in a line, without its newline
MAX_WAITING = 8_000_000  # bytes waiting for a member that does not read; beyond that it is disconnected

members = {}  # {name: Member}


class Member:
    def __init__(self, writer):
        self.writer = writer
        self.name = self.room = None

    def tell(self, line):
        """Send without waiting: what cannot be sent now stays in the stream's buffer."""
        if not self.writer.is_closing():
            self.writer.write(line.encode() + b"\n")
            if self.writer.transport.get_write_buffer_size() > MAX_WAITING:
                self.writer.transport.abort()


async def serve(reader, writer):
    member, answer = Member(writer), ""
    try:
        while answer != "BYE":
            line = await reader.readuntil()  # raises for a line that is too long, and for an incomplete last line
            answer = carry_out(member, line.removesuffix(b"\n"))
            member.tell(answer)
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    finally:
        leave(member)
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=128, limit=MAX_LINE)
    async with server:
        await server.serve_forever()


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


asyncio.run(main())
