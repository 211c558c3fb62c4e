# Misconception: one recv() gives one command.
# Told: each recv() is taken for a command
import asyncio

MOST_WAITING = 8_000_000  # bytes that wait for a member who does not read; beyond that it has to go

members = {}  # name -> Member


class Member:
    name = room = None

    def __init__(self, writer):
        self.writer = writer

    def tell(self, line):
        self.writer.write(line.encode() + b"\n")
        if self.writer.transport.get_write_buffer_size() > MOST_WAITING:
            self.writer.transport.abort()

    def tell_room(self, line):
        for one in self.here():
            if one is not self:
                one.tell(line)

    def here(self):
        return [one for one in members.values() if one.room == self.room]

    def leave_room(self):
        if self.room:
            self.tell_room(f"LEFT {self.name}")
            self.room = None

    def leave(self):
        self.leave_room()
        if self.name:
            del members[self.name]
            self.name = None

    def hear(self, line):
        """Carry out a line; return its answer."""
        match line.split(" ", 1):
            case ["QUIT"]:
                self.leave()
                return "BYE"
            case ["NAME", name] if not self.name and name.isalnum() and len(name) <= 20:
                if name in members:
                    return "NO taken"
                self.name, members[name] = name, self
            case ["NAME", *_]:
                return "NO named" if self.name else "NO name"
            case _ if not self.name:
                return "NO name"
            case ["JOIN", room] if room.isalnum() and len(room) <= 20:
                self.leave_room()
                self.room = room
                self.tell_room(f"JOINED {self.name}")
            case ["TELL", rest]:
                name, _, text = rest.partition(" ")
                if name not in members:
                    return "NO nobody"
                members[name].tell(f"TOLD {self.name} {text}")
            case ["JOIN", *_]:
                return "NO room"
            case ["SAY" | "WHO", *_] if not self.room:
                return "NO room"
            case ["SAY", text]:
                self.tell_room(f"SAID {self.name} {text}")
            case ["WHO"]:
                return " ".join(["HERE", *sorted(one.name for one in self.here())])
            case _:
                return "NO command"
        return "OK"


async def serve(reader, writer):
    member = Member(writer)
    answer = ""
    try:
        while answer != "BYE" and (line := await reader.read(65_536)):
            try:
                answer = member.hear(line.removesuffix(b"\n").decode())
            except UnicodeDecodeError:
                answer = "NO text"
            member.tell(answer)
    except (ConnectionError, ValueError):  # broken off; a line that is too long
        pass
    finally:
        member.leave()
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=128)
    async with server:
        await server.serve_forever()


asyncio.run(main())
