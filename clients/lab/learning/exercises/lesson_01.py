"""The exercises of lesson 01: the loop model."""

import asyncio
import time

from clients.examiner import requirements_udp
from clients.examiner.requirements_tcp import half_close
from clients.lab.lab_client import ClientError
from clients.lab.learning.exercises import (
    PEOPLE,
    Exercise,
    NotMet,
    client,
    dialogue,
    expect,
    explained,
    from_examiner,
    received,
    require,
)
from clients.lab.learning.exercises.patience import happens

IDLE = 0.8  # seconds without a client: longer than a half-second timeout set on the listener by mistake
LINES = {"one": "ONE", "": "", "Three": "THREE"}
SHOUTED = {"one": "ONE", "two": "TWO", "three": "THREE"}


async def is_udp(server):
    """it is a UDP server: it binds, and never listens"""
    kinds = {event.kind for event in server.events()}
    require(server.kind == "udp" and "listen" not in kinds, "the events show a call of listen(): this is a TCP server")


async def answers_one(server):
    """a client that talks is answered"""
    async with client(server) as ann:
        await is_answered(server, ann)


async def is_answered(server, ann):
    """Let Ann send hello, and expect the same answer."""
    for more_tries in reversed(range(10)):  # on a slow machine a server may close before its client can send
        try:
            return await expect(ann, "hello", "hello")
        except ClientError:
            if not more_tries or ann.connected or not server.running:
                raise


async def is_not_too_impatient(server):
    """a client that thinks for a fifth of a second keeps its connection"""
    for _ in range(10):
        spoke = time.monotonic()
        async with client(server) as ann:
            for _ in range(4):  # more than half a second in total
                await asyncio.sleep(0.2)
                before, spoke = spoke, time.monotonic()
                try:
                    came = await ann.send(b"still here\n", timeout=3) if ann.connected else "the end of the connection"
                except ConnectionError as problem:
                    came = str(problem)
                if came != "still here":
                    break
            else:
                return
            if time.monotonic() - before < 0.4:  # otherwise this machine was slow, not the server impatient
                raise NotMet(f"silent for 0.2 s, then sent 'still here': expected 'still here', got {came!r}")


async def gets_rid_of_the_silent(server):
    """when a client stays silent, the server closes its connection, and the next one is answered"""
    async with client(server, "the silent one") as silent, client(server, "Ben") as ben:
        await silent.connect()
        await happens(lambda: silent.state == "connected", 1)  # accepted: on a busy machine Ben may overtake it in the backlog
        with explained("a silent client was connected first; then Ben sent 'hello'. {problem}"):
            await expect(ben, "hello", "hello", timeout=4)
        if not await happens(lambda: not silent.connected):
            raise NotMet("a silent client was connected first; Ben was answered, and 5 s later the silent one was still connected")


async def survives(server):
    """three clients that fall silent once they have been answered are disconnected, and the server waits for the next"""
    for number in range(3):
        async with client(server, f"silent {number}") as silent:
            await is_answered(server, silent)
            if not await happens(lambda one=silent: not one.connected):
                raise NotMet("a client was answered and fell silent; 5 s later it was still connected, and nobody else had come")
    if await happens(lambda: not server.running, IDLE):
        raise NotMet(f"all clients had left, nobody came for {IDLE} s, and the server ended")
    await gets_rid_of_the_silent(server)


async def keeps_characters(server):
    """a line in two pieces comes back whole, even when the cut is in the middle of a character"""
    line = "ni hao 你好\n".encode()
    async with client(server, "Ann") as ann:
        await ann.send(line[:8])
        await happens(lambda: received(server, ann))
        with explained("sent 'ni hao 你好' in two pieces, the first with only one byte of 你. {problem}"):
            came = await ann.send(line[8:], timeout=3)
    require(came == "NI HAO 你好", f"sent 'ni hao 你好' in two pieces, expected 'NI HAO 你好', got {came!r}")


EXERCISES = {
    "01.1": Exercise(
        "a loop with a timeout",
        [answers_one, is_not_too_impatient, gets_rid_of_the_silent, survives],
        [
            "Which call is the server blocked in while a client is silent?",
            "A socket can be told how long a call may block: socket.settimeout(seconds).",
            "When the time is over, recv() raises TimeoutError. Where do you catch it, so that only this client is disconnected?",
        ],
        point=gets_rid_of_the_silent,
    ),
    "01.2": Exercise(
        "a loop of your own",
        [
            dialogue("answers in capitals", "a line comes back in capitals", {"hello": "HELLO"}, ["Ann"]),
            dialogue("goes on", "the conversation goes on: three lines of one client, three answers", LINES, ["Ann"], stays=True),
            keeps_characters,
            dialogue("serves the next", "when a client has left, the next one is served", {"hello": "HELLO"}, PEOPLE),
            from_examiner(half_close, answer=bytes.upper),
        ],
        [
            "What has to happen between accept() and close()? By hand, you called two methods of the connection there.",
            "recv() returns b'' when the client has left. Until then, the conversation goes on.",
            "bytes have a method that returns them in capitals: data.upper(). sendall() sends them. "
            "Don't decode: what recv() returns may end in the middle of a character.",
        ],
    ),
    "01.3": Exercise(
        "a loop that shouts over UDP",
        [
            is_udp,
            dialogue("shouts", "a datagram comes back in capitals", {"hello": "HELLO"}),
            dialogue("shouts on", "the loop goes on: three clients, three answers each", SHOUTED, PEOPLE),
            from_examiner(requirements_udp.datagrams, answer=bytes.upper),
            from_examiner(requirements_udp.binary, answer=bytes.upper)._replace(
                sentence="bytes that are not letters come back unchanged, even if they are not text"
            ),
        ],
        [
            "What does recvfrom() return besides the data? Where does the answer have to go?",
            "bytes have a method that returns them in capitals.",
            "Is the answer sent inside the loop? A server that leaves its loop has ended.",
        ],
        point="shouts",
    ),
}
