"""The exercises of lesson 04: one thread for many clients."""

import asyncio
import bisect
import contextlib
import select
import socket
import weakref

from clients.examiner.waiting import LOOK, Waiting
from clients.lab.learning.exercises import (
    Exercise,
    NotMet,
    client,
    count,
    dialogue,
    expect,
    explained,
    lines_in_pieces,
    pieces,
    received,
    several,
    started_with,
)
from clients.lab.learning.exercises.patience import AT_REST, happens

CROWD = 50  # clients connected at once
HASTE = 4  # seconds without room to send after which even a server not at rest counts as full
OFFERED = 32_000_000  # most bytes that the lazy client sends
PIECE = 65_536  # bytes per attempt to send
SILENCE = 1.5  # seconds in which a sleeping server uses no CPU time
HOARD = 8_000_000  # bytes by which a server's memory may grow meanwhile

# Each server's memory before its first lazy client: memory freed afterwards may stay with the process and would hide the next growth.
memory_at_first = weakref.WeakKeyDictionary()


# ---------------------------------------------------------------- 04.1


async def knows_lines(server):
    """a line in two pieces is one line, and two lines in one piece are two"""
    await lines_in_pieces(server, "olleh", "one\ntwo", "eno\nowt")


async def keeps_the_halves_apart(server):
    """half a line of Ann's and half a line of Ben's wait until the rest comes, and each gets its own answer"""
    async with client(server, "Ann") as ann, client(server, "Ben") as ben:
        for one, half in (ann, b"hel"), (ben, b"wor"):
            await one.send(half)
            await happens(lambda one=one: received(server, one))
        try:
            async with client(server, "Cem") as cem:
                await expect(cem, "hi", "ih")
        except NotMet as problem:
            raise NotMet(f"Ann sent 'hel', Ben 'wor', both without a newline; then Cem {problem}") from None
        await expect_rest(ann, b"lo\n", "olleh")
        await expect_rest(ben, b"ld\n", "dlrow")


async def expect_rest(one, rest, expected):
    """Send the rest of a line and compare the answer to the whole line."""
    came = await one.send(rest, timeout=3)
    if came != expected:
        raise NotMet(f"{one.name} sent half a line, then the rest {rest.decode()!r}; expected {expected!r}, got {came!r}")


async def forgets_who_has_left(server):
    """a client leaves in the middle of a line, and the next client is not affected"""
    async with client(server, "Ann") as ann:
        await ann.send(b"secret")
        await happens(lambda: received(server, ann))
    await happens(lambda: any(event.kind == "close" and event.peer == ann.local for event in server.events()), 1)
    async with several(server, 10) as guests:  # one of them gets Ann's old descriptor number
        for guest in guests:
            await expect(guest, "hello", "olleh")


async def turns_lines_for_a_crowd_alone(server):
    """one process with one thread serves 50 clients, the last to connect first"""
    await alone_with_a_crowd(server, "olleh")


# ---------------------------------------------------------------- 04.2


async def rests_when_nobody_talks(server):
    """while a client is connected and silent, the server uses no CPU time"""
    async with client(server) as ann:
        await expect(ann, "hello", "hello")
        before = server.processes()[0].cpu
        await happens(lambda: False, SILENCE)
        if (used := server.processes()[0].cpu - before) > 0.025:  # a busy-waiting loop uses more, even on a busy machine
            raise NotMet(f"no client sent anything for {SILENCE} s, and the server used {used:.2f} s of CPU time: it polls in a loop")


async def echoes_to_a_crowd_alone(server):
    """one process with one thread serves 50 clients, the last to connect first"""
    await alone_with_a_crowd(server, "hello")


async def serves_others_meanwhile(server):
    """a client keeps sending and reads nothing; Ben is answered anyway"""
    async with lazy_client(server) as (lazy, _):
        async with client(server, "Ben") as ben:
            with explained("the other client has not read anything; {problem}"):
                await expect(ben, "hello", "hello", timeout=5)
        await asyncio.to_thread(read_to_the_end, lazy)


async def does_not_hoard(server):
    """meanwhile the server does not store everything that client sends: its memory stays small"""
    async with lazy_client(server) as (lazy, sent):
        grown = server.processes()[0].memory - memory_at_first[server]
        if grown > HOARD:
            raise NotMet(f"a client sent {len(sent) / 1e6:.0f} MB and read nothing: the server has grown by {grown / 1e6:.0f} MB")
        await asyncio.to_thread(read_to_the_end, lazy)


async def loses_nothing(server):
    """when that client finally reads, every byte comes back, and then the end"""
    await all_comes_back(server, OFFERED)
    async with started_with(server, "partial"):
        await all_comes_back(server, 200_000, "each send() took only a part, as it may; ")


async def all_comes_back(server, most, told=""):
    async with lazy_client(server, most) as (lazy, sent):
        came = await asyncio.to_thread(read_to_the_end, lazy)
    if came.removesuffix(b"\n") != sent.removesuffix(b"\n"):  # a line-based server adds a newline to the last, cut line
        both = min(len(came), len(sent))
        right = bisect.bisect_left(range(both), True, key=lambda place: came[: place + 1] != sent[: place + 1])
        raise NotMet(f"{told}sent {len(sent)} bytes, and {len(came)} came back; the first {right} are right")


async def outlives_a_break(server):
    """a client breaks off in the middle, and the others are still served"""
    for _ in range(3):
        async with lazy_client(server, most=1_000_000):
            pass  # closing with unread answers resets the connection
    async with client(server, "Ben") as ben:
        await expect(ben, "hello", "hello")


@contextlib.asynccontextmanager
async def lazy_client(server, most=OFFERED):
    """Connect a client that sends as much as the server accepts, and reads nothing; yield (socket, the bytes sent)."""
    client(server)  # raises NotMet if the attempt is not a server
    if server not in memory_at_first and server.running:
        memory_at_first[server] = sum(process.memory for process in server.processes()[:1])
    lazy = socket.socket()
    with lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)  # otherwise the kernel would buffer megabytes
        lazy.settimeout(3)
        lazy.connect(server.address)
        sent = await asyncio.to_thread(talk, lazy, most, server)
        yield lazy, sent


def talk(lazy, most, server):
    """Send numbered lines, at most `most` bytes, until a server at rest accepts no more; return the bytes sent."""
    lazy.setblocking(False)
    lines, sent, waiting = bytearray(), 0, Waiting(server, HASTE, AT_REST)
    while sent < most:
        if len(lines) < sent + PIECE:  # created as needed: most servers accept only a few
            first = len(lines) // 15
            lines += b"".join(b"%014d\n" % number for number in range(first, first + PIECE // 15 + 1))
        if select.select([], [lazy], [], LOOK)[1]:
            try:
                sent += lazy.send(lines[sent : sent + PIECE])
                waiting.begin()
            except ConnectionError:
                raise NotMet("a client sent a lot and read nothing, and the server broke off the connection") from None
        elif waiting.is_over:
            break
    return bytes(lines[:sent])


def read_to_the_end(lazy):
    """Half-close, read to the end, and return what came."""
    came = bytearray()
    lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
    lazy.settimeout(5)
    with contextlib.suppress(OSError):  # the caller notices missing bytes
        lazy.shutdown(socket.SHUT_WR)
        for piece in pieces(lazy, OFFERED):
            came += piece
    return bytes(came)


# ---------------------------------------------------------------- shared by both


async def alone_with_a_crowd(server, expected):
    """Connect 50 clients, let the last one ask first, and require that one process with one thread answers all."""
    async with several(server, CROWD) as guests:
        for guest in reversed(guests):
            with explained(f"{CROWD} clients are connected, the last one asks first; {{problem}}"):
                await expect(guest, "hello", expected)
        is_alone(server)


def is_alone(server):
    """Raise NotMet if the server has more than one process or thread."""
    family = server.processes()
    threads = sum(one.threads or 0 for one in family)
    if len(family) != 1 or threads != 1:
        has = f"{count(len(family), 'process', 'es')} and {count(threads, 'thread')}"
        raise NotMet(f"the server has {has}; one of each is enough")


EXERCISES = {
    "04.1": Exercise(
        "half a line each",
        [
            dialogue("answers backwards", "a line comes back backwards", {"hello": "olleh", " a b": "b a "}),
            knows_lines,
            keeps_the_halves_apart,
            forgets_who_has_left,
            turns_lines_for_a_crowd_alone,
        ],
        [
            "How many clients share `pending`? What is in it when Ann has sent half a line, and then Ben sends one?",
            "A dict can hold one for each client. What would be a good key, that is, what is different for each connection?",
            "When a client has left, delete what you kept for it: the next client may soon get the same descriptor number.",
        ],
        point=keeps_the_halves_apart,
    ),
    "04.2": Exercise(
        "a client that does not read",
        [
            dialogue("echoes", "what a client sends comes back", {"hello": "hello", "hello again": "hello again"}),
            rests_when_nobody_talks,
            echoes_to_a_crowd_alone,
            serves_others_meanwhile,
            does_not_hoard,
            loses_nothing,
            outlives_a_break,
        ],
        [
            "Begin with lesson 04's server by_hand, and make every socket non-blocking. What does send() return, and who looks at it?",
            "Keep for each client what is still unsent. While there is something, wait only until its socket is ready for writing.",
            "When all is sent, wait for reading again. A server that always waits for `ready for writing` never sleeps.",
            "recv() and send() raise a ConnectionError when the client has broken off. Treat that as the end of this client.",
        ],
    ),
}
