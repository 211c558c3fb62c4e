"""The exercises of lesson 07: the socketserver mixins."""

import asyncio

from clients.examiner import exam
from clients.lab.learning.exercises import (
    Exercise,
    NotMet,
    answers_one,
    client,
    expect,
    explained,
    last_first,
    require,
    several,
    started_with,
)
from clients.lab.learning.exercises.patience import happens

MOMENT = 0.8  # seconds without any thread of the server running: after that, no wrong answer will come
BOOK = 9_000_000  # nanoseconds: reading and writing the book of 07.2 take at least 10 ms together


async def serves_three_at_once(server):
    """three clients are connected, and the last one asks first: each is answered"""
    await last_first(server)


async def forks(server):
    """each client is served by a child process"""
    async with client(server) as ann:
        await expect(ann, "hello", "hello")
    require(any(event.kind == "fork" for event in server.events()), "a client was answered, and the server's events show no fork")


async def three_at_most(server):
    """a fourth client waits until one of three has left, and is answered then"""
    guests = [client(server, f"client {number}") for number in (1, 2, 3)]
    late = client(server, "client 4")
    try:
        for guest in guests:
            await expect(guest, "hello", "hello")
        question = late.ask("hello")
        if await happens(question.done, MOMENT, server, at_most=5):
            with explained("three clients were connected and stayed; a fourth asked, and did not wait. {problem}"):
                await question
            raise NotMet("three clients were connected and stayed; a fourth asked, and was answered at once")
        await guests[0].close()
        require(await happens(question.done), "one of three clients left, and the fourth was not answered within 5 s")
        with explained("one of three clients left, and the fourth, who had waited, was not answered. {problem}"):
            await question
    finally:
        for one in [*guests, late]:
            await one.close()


async def told_a_number(server):
    """a visitor is told a number, and the next visitor the next number"""
    await numbers(server, 2)


async def stays_concurrent(server):
    """a visitor who is connected and silent keeps no other visitor waiting"""
    async with client(server, "the silent one") as silent, client(server, "Ben") as ben:
        await silent.connect()
        with explained("a silent visitor was connected; Ben asked and had no answer within 3 s"):
            await ben.send("Ben", timeout=3)
            await silent.send("at last", timeout=3)
            await ben.send("Ben again", timeout=3)


async def keeps_the_book(server):
    """the book is as slow as it was"""
    async with client(server, "visitor") as visitor:
        times = []
        for _ in range(10):  # a busy machine is slow now and then, which does not prove that the book is
            await visitor.send("visitor", timeout=3)
            times.append(visitor.took)
    require(min(times) >= BOOK, "a visitor was told its number sooner than the book can be read and written: is Book as it was?")


async def counts_fifty(server):
    """fifty visitors come at once, and each is told a different number, without gaps"""
    await fifty_at_once(server)
    async with started_with(server, "hasty", SLEEPS="short"):  # with a slow book, even a number read too late is still right
        await fifty_at_once(server, times=10)


async def fifty_at_once(server, times=1):
    """Let fifty visitors each send `times` lines, all sent before the server continues."""
    (before,) = await numbers(server, 1)
    async with several(server, 50, "visitor", timeout=10) as visitors:
        with exam.stopped(server.members()):
            asked = [asyncio.ensure_future(one.send("\n".join([one.name] * times), timeout=20)) for one in visitors]
            await happens(lambda: all(one.state == "waiting" for one in visitors))
        told = [number_in(number) for one in asked for number in (await one).split("\n")]
    require(len(set(told)) == len(told), "fifty visitors came at once, and some were told the same number")
    if sorted(told) != list(range(before + 1, before + 1 + 50 * times)):
        raise NotMet("fifty visitors came at once, and their numbers are not the next ones")


async def goes_on_counting(server):
    """after all that, the numbers continue one by one"""
    await numbers(server, 3)


async def numbers(server, count):
    """Return the numbers given to `count` visitors, one after the other; each must be one more than the previous."""
    told = []
    for number in range(1, count + 1):
        async with client(server, f"visitor {number}") as visitor:
            told.append(number_in(await visitor.send(visitor.name, timeout=3)))
    if told != list(range(told[0], told[0] + count)):
        raise NotMet(f"{count} visitors came, one after the other, and were told {', '.join(map(str, told))}")
    return told


def number_in(answer):
    require(answer.isdecimal(), f"a visitor said its name, expected a number, got {answer!r}")
    return int(answer)


EXERCISES = {
    "07.1": Exercise(
        "three at most",
        [answers_one, serves_three_at_once, forks, three_at_most],
        [
            "Few exists only in the server's process. So, in a new cell, write "
            "`class Few(socketserver.TCPServer, socketserver.ForkingMixIn): pass`, "
            "then look at `Few.__mro__`: which class with a `process_request` comes first?",
            "The mixin comes first.",
            "The limit is a class attribute of ForkingMixIn; a value for it in your own class takes precedence.",
        ],
        point=serves_three_at_once,
    ),
    "07.2": Exercise(
        "every visitor counts",
        [told_a_number, stays_concurrent, keeps_the_book, counts_fifty, goes_on_counting],
        [
            "What happens when two threads have both read the number, and neither has written yet?",
            "threading.Lock() lets one thread at a time into a `with lock:` block. "
            "All threads have to use the same lock: where does it live?",
            "Hold the lock from the reading to the writing, but not while you wait for a visitor's name.",
        ],
        point=counts_fifty,
    ),
}
