"""The exercise of lesson 05: coroutines."""

import asyncio
import time

from clients.lab.learning.exercises import Exercise, NotMet, client, dialogue, expect, received, several
from clients.lab.learning.exercises.lesson_04 import is_alone
from clients.lab.learning.exercises.patience import happens

PATIENCE = 10  # seconds for what a correct server does at once, on a busy machine
COOKING = 0.5  # seconds that a dish of 05.1 takes
SERVED = {
    "menu": "tea rice noodles",
    "tea": "here is your tea",
    "tea\nmenu": "here is your tea\ntea rice noodles",  # in the order of the requests
}
TRIES = 3  # on such a machine a correct server may be late once; a wrong one is late every time


async def takes_its_time(server):
    """a dish still takes half a second"""
    for _ in range(TRIES):  # a busy machine can be as slow as the cooking, but not every time
        async with client(server) as ann:
            await expect(ann, "rice", "here is your rice")
        if ann.took < 0.9 * COOKING * 1e9:
            raise NotMet(f"ordered 'rice', and it came after {ann.took / 1e9:.2f} s: nobody has cooked it")


async def gives_the_menu_meanwhile(server):
    """while Ann's dish is being cooked, Ben is given the menu"""
    for _ in range(TRIES):
        async with client(server, "Ann") as ann, client(server, "Ben") as ben:
            order = ann.ask("noodles")
            await happens(lambda: received(server, ann))
            await expect(ben, "menu", "tea rice noodles", timeout=PATIENCE)
            await order
        await happens(lambda ann=ann, ben=ben: len(set(answered(server, ann, ben))) == 2)
        if answered(server, ann, ben)[:1] == [ben.local]:  # by the server's events: the answers may arrive in another order
            return
    raise NotMet("Ann ordered 'noodles', then Ben asked for the menu. He was given it when her dish was ready, not before")


def answered(server, *guests):
    """Return the local addresses of those guests to whom the server has sent something, in order of sending."""
    places = [guest.local for guest in guests]
    return [event.peer for event in server.events() if event.kind == "send" and event.peer in places]


async def cooks_ten_at_once(server):
    """ten clients order at the same moment, and all ten dishes are cooked at the same time"""
    for _ in range(TRIES):
        async with several(server, 10) as guests:
            start = time.monotonic()
            await asyncio.gather(*(guest.send("tea", timeout=PATIENCE) for guest in guests))
            took = time.monotonic() - start
            if took < 10 * COOKING / 2:
                return
    raise NotMet(f"ten clients ordered tea at once, and the last one was served {took:.1f} s later")


async def cooks_with_one_thread(server):
    """one process and one thread are enough for ten dishes at once"""
    async with several(server, 10) as guests:
        orders = [guest.ask("tea") for guest in guests]
        await happens(lambda: all(received(server, guest) for guest in guests))
        is_alone(server)
        await asyncio.gather(*orders)


EXERCISES = {
    "05.1": Exercise(
        "a kitchen that stands still",
        [
            dialogue("serves what is asked for", '"menu" is answered with the menu, "tea" with: here is your tea', SERVED),
            takes_its_time,
            gives_the_menu_meanwhile,
            cooks_ten_at_once,
            cooks_with_one_thread,
        ],
        [
            "While a dish is being cooked, where is the server's only thread? Which call keeps it there?",
            "asyncio has its own sleep, which lets others continue. It has to be awaited.",
            "In a program, await is only allowed inside an `async def`, and a call of an `async def` function has to be awaited in turn.",
        ],
        point=gives_the_menu_meanwhile,
    ),
}
