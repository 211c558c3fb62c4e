"""The exercises of lesson 04: one thread for many clients."""

from clients.examiner.requirements_processes import memory
from clients.examiner.requirements_tcp import all_of_it, half_close, joined, pieces, reset, slow_reader
from clients.lab.learning.exercises import (
    Exercise,
    NotMet,
    Requirement,
    client,
    count,
    dialogue,
    expect,
    explained,
    from_examiner,
    received,
    several,
)
from clients.lab.learning.exercises.patience import happens

CROWD = 50  # clients connected at once
SILENCE = 1.5  # seconds in which a sleeping server uses no CPU time

# ---------------------------------------------------------------- 04.1


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


# ---------------------------------------------------------------- 04.2


async def rests_when_nobody_talks(server):
    """while a client is connected and silent, the server uses no CPU time"""
    async with client(server) as ann:
        await expect(ann, "hello", "hello")
        before = server.processes()[0].cpu
        await happens(lambda: False, SILENCE)
        if (used := server.processes()[0].cpu - before) > 0.025:  # a busy-waiting loop uses more, even on a busy machine
            raise NotMet(f"no client sent anything for {SILENCE} s, and the server used {used:.2f} s of CPU time: it polls in a loop")


# ---------------------------------------------------------------- shared by both


def alone_with_a_crowd(name, answer):
    """Return the Requirement that one process with one thread answers 'hello' of 50 clients so."""

    async def examine(server):
        async with several(server, CROWD) as guests:
            for guest in reversed(guests):
                with explained(f"{CROWD} clients are connected, the last one asks first; {{problem}}"):
                    await expect(guest, "hello", answer)
            is_alone(server)

    return Requirement(name, "one process with one thread serves 50 clients, the last to connect first", examine)


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
            *(from_examiner(one, answer=lambda line: line[::-1]) for one in (joined, pieces)),
            keeps_the_halves_apart,
            forgets_who_has_left,
            alone_with_a_crowd("turns lines for a crowd alone", "olleh"),
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
            alone_with_a_crowd("echoes to a crowd alone", "hello"),
            *(from_examiner(one, concurrent=True) for one in (all_of_it, half_close, slow_reader, memory, reset)),
        ],
        [
            "Begin with lesson 04's server by_hand, and make every socket non-blocking. What does send() return, and who looks at it?",
            "Keep for each client what is still unsent. While there is something, wait only until its socket is ready for writing.",
            "When all is sent, wait for reading again. A server that always waits for `ready for writing` never sleeps.",
            "recv() and send() raise a ConnectionError when the client has broken off. Treat that as the end of this client.",
        ],
    ),
}
