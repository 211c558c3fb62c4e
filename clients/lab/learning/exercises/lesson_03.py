"""The exercises of lesson 03: threads and processes."""

import asyncio
import contextlib
import re
import time

from clients.examiner import unserved
from clients.lab.lab_client import ClientError
from clients.lab.learning.exercises import (
    Exercise,
    NotMet,
    client,
    count,
    dialogue,
    expect,
    explained,
    require,
    servants,
    several,
    started_with,
)
from clients.lab.learning.exercises.lesson_02 import last_words
from clients.lab.learning.exercises.patience import happens

ROUNDS = 10  # of 0.05 s each, in which a wrong answer might come
LEFT = 0.3  # seconds without a running thread, after which the threads of the server's last guests have ended
BUYERS = 12  # that want a seat at the same moment
SLOW = 4_500_000  # nanoseconds: taking a seat in 03.2 takes at least 5 ms
GUEST = re.compile(r"guest (\d+): hello")


# ---------------------------------------------------------------- 03.1 a thread per client


async def greets_one(server):
    """a guest is told a number, and gets its own line back"""
    async with client(server) as ann:
        first, second = await number_of(ann), await number_of(ann)
    require(first == second, f"a guest was told {first}, and for its next line {second}: a guest keeps its number")


async def greets_the_last_first(server):
    """guests do not wait for each other: of three, the last to connect asks first"""
    async with several(server, 3, "guest") as guests:
        try:
            for guest in reversed(guests):
                await number_of(guest)
        except ClientError as problem:
            meaning = await asyncio.to_thread(unserved.who_waits, server, [guest.local for guest in guests])
            beside_the_point = meaning is unserved.ONE_AFTER_ANOTHER  # finding that is the exercise
            raise NotMet(str(problem), diagnosis="" if beside_the_point else meaning) from None


async def numbers_go_on(server):
    """three guests at once are told three consecutive numbers, from one shared memory, and the next guest a higher one"""
    async with several(server, 3, "guest") as guests:
        told = [await number_of(guest) for guest in guests]
    await happens(lambda: False, LEFT, server, at_most=2)  # their threads end, so a number that counts present guests falls
    if sorted(told) != list(range(min(told), min(told) + 3)):
        raise NotMet(f"three guests came, and were told {', '.join(map(str, told))}")
    async with client(server, "the next guest") as guest:
        if (number := await number_of(guest)) <= max(told):
            numbers = ", ".join(map(str, told))
            raise NotMet(f"three guests came, were told {numbers}, and left; the next guest was told {number}, like one before")


async def uses_threads(server):
    """each guest is answered by a different thread, and all threads are in one process"""
    async with several(server, 3, "guest") as guests:
        for guest in guests:
            await number_of(guest)
        found = await servants(server, guests)
    require(len({pid for pid, _ in found}) <= 1, "three guests were here, and several processes answered them")
    require(len(found) == 3, f"three guests were here, and {count(len(found), 'thread')} answered them")


async def leaves_no_thread(server):
    """when the guests have left, their threads have ended"""
    before = server.processes()[0].threads
    number = before + 1  # a pool that kept its threads has too few, or adds more and keeps them
    with explained(f"the server had {before} threads, and {number} guests came. {{problem}}"):
        async with several(server, number, "guest") as guests:
            for guest in guests:
                await number_of(guest)
    if not await happens(lambda: server.processes()[0].threads <= before):
        raise NotMet(f"{number} guests came and left; before there were {before} threads, now {server.processes()[0].threads}")


async def lets_a_guest_go(server):
    """a guest that has sent its last line is answered, and then sees the end of the connection"""
    answer = await asyncio.to_thread(last_words, server.address)
    if not re.fullmatch(rb"guest \d+: goodbye\n", answer):
        raise NotMet(f"sent 'goodbye', expected a number, the line, and the end, as in b'guest 1: goodbye\\n', got {answer!r}")


async def answers_all_who_come_at_once(server):
    """twenty guests come at once, and each is answered, whichever thread runs first"""
    with explained("twenty guests came at once, and the threads of the server paused now and then, as on a busy machine. {problem}"):
        async with started_with(server, "hasty"), several(server, 20, "guest", timeout=10) as guests:
            await asyncio.gather(*map(number_of, guests))


async def number_of(guest):
    came = await guest.send("hello", timeout=3)
    found = GUEST.fullmatch(came)
    require(found, f"sent 'hello', expected a number and the line, as in 'guest 1: hello', got {came!r}")
    return int(found[1])


# ---------------------------------------------------------------- 03.2 sold once


async def sells(server):
    """a buyer is told a seat, pays, and has it; the next buyer is told another one"""
    seats = []
    for name in "Ann", "Ben":
        async with client(server, name) as buyer:
            seats.append(await seat_for(buyer))
            await pay(buyer, seats[-1])
    require(len(set(seats)) == 2, f"Ann paid for seat {seats[0]}, and then Ben was told the same seat")


async def waits_for_nobody_to_pay(server):
    """a buyer who takes long to pay keeps no other buyer waiting, and keeps the seat"""
    async with client(server, "Ann") as ann, client(server, "Ben") as ben:
        anns = await seat_for(ann)
        with explained("Ann was told her seat and had not paid yet; Ben asked, and had no answer within 3 s"):
            bens = await seat_for(ben)
            await pay(ben, bens)
        require(anns != bens, f"Ann was told seat {anns} and had not paid yet; Ben was told the same seat")
        await pay(ann, anns)


async def keeps_the_theatre(server):
    """the theatre is as slow as it was"""
    times = []
    async with client(server, "buyer") as buyer:
        for _ in range(3):  # a busy machine is slow now and then, which does not prove that the theatre is
            seat = await seat_for(buyer)
            times.append(buyer.took)
            await pay(buyer, seat)
    require(min(times) >= SLOW, "a buyer was told a seat sooner than Theatre can find one: did you change Theatre?")


async def sells_each_seat_once(server):
    """twelve buyers come at once, and each is told a different seat"""
    async with several(server, BUYERS, "buyer", timeout=10) as buyers:
        seats = await asyncio.gather(*(seat_for(buyer, 20) for buyer in buyers))
        await asyncio.gather(*(pay(buyer, seat) for buyer, seat in zip(buyers, seats, strict=True)))
    require(len(set(seats)) == BUYERS, f"{BUYERS} buyers came at once, and some of them were told the same seat as another buyer")


async def sells_out(server):
    """when all seats are sold, every buyer is told so at once"""
    async with client(server, "the last buyers") as buyer:
        for _ in range(40):  # Theatre has 30
            if (came := await buyer.send("a seat, please", timeout=3)) == "sold out":
                break
            await pay(buyer, seat_in(came))
        else:
            raise NotMet("40 seats were sold, and the theatre has 30")
        for name in "Ann", "Ben":
            async with client(server, name) as late:
                with explained(f"one buyer was told 'sold out'; then {name} asked, and had no answer within 3 s"):
                    await expect(late, "a seat, please", "sold out")


async def seat_for(buyer, timeout=3):
    return seat_in(await buyer.send("a seat, please", timeout=timeout))


def seat_in(answer):
    if answer == "sold out":
        raise NotMet("a buyer asked for a seat and was told 'sold out'. Run the server's cell again: a new theatre has all its seats")
    found = re.fullmatch(r"pay for seat (\d+)", answer)
    require(found, f"a buyer asked for a seat, expected one, as in 'pay for seat 7', got {answer!r}")
    return int(found[1])


async def pay(buyer, seat):
    await expect(buyer, "here you are", f"seat {seat} is yours", timeout=10)


# ---------------------------------------------------------------- 03.3 a pool that lasts


async def serves_two(server):
    """two clients are served at once: the second to connect asks first"""
    async with client(server, "Ann") as ann, client(server, "Ben") as ben:
        await expect(ben, "3", "9")
        await expect(ann, "4", "16")


async def serves_two_at_most(server):
    """a third client waits while two are talking, and is answered when one of them has left"""
    async with client(server, "Ann") as ann, client(server, "Ben") as ben, client(server, "Cem") as cem:
        for one in ann, ben:
            await expect(one, "3", "9")
        places = ann.local, ben.local
        question = cem.ask("5")
        for _ in range(ROUNDS):  # the two keep talking, so that neither reaches a timeout
            if question.done():
                break
            with contextlib.suppress(ClientError):  # on a slow machine one may time out anyway, and then Cem is served
                await asyncio.gather(ann.send("3", timeout=3), ben.send("4", timeout=3))
            await asyncio.sleep(0.05)
        both_stayed = ann.connected and ben.connected and places == (ann.local, ben.local)
        if question.done() and both_stayed:
            raise NotMet("Ann and Ben were talking to the two workers; Cem asked, and was answered at once")
        await ann.close()
        require(await happens(question.done), "Ann left, and Cem, who had waited, was not answered within 5 s")


async def survives_words(server):
    """seven clients send something that is not a number; afterwards two clients are served at once, as before"""
    for word in "seven", "seven", "", "1.5", "\u4e03", "0x10", "9 9":
        async with visitor(server, "some clients had sent something that is not a number") as ann:
            with contextlib.suppress(ClientError):  # any answer, or none, will do
                await ann.send(word + "\n", timeout=3)
    await serves_two_still(server, "seven clients had sent something that is not a number")


async def survives_what_breaks_off(server):
    """clients break off in the middle of a line; afterwards two clients are served at once, as before"""
    for piece in b"1", b"x", b"\xff":
        async with visitor(server, "some clients had broken off in the middle of a line") as ann:
            await ann.send(piece)
    await serves_two_still(server, "three clients had broken off in the middle of a line")


@contextlib.asynccontextmanager
async def visitor(server, after_what):
    """Connect a client, with an explanation if the server has ended because of what earlier clients did."""
    one = client(server, "a visitor")
    with explained(f"{after_what}; then no client could connect any more"):
        await one.connect()
    try:
        yield one
    finally:
        await one.close()


async def shows_the_silent_the_door(server):
    """two clients are silent; within five seconds another one is answered, and the silent ones have lost their connections"""
    async with client(server, "silent 1") as one, client(server, "silent 2") as two, client(server, "Cem") as cem:
        await answered_in_the_end(cem, "two clients were connected and silent")
        await lose_their_connections(one, two)


async def ends_every_silence(server):
    """a client that is silent after it has been answered loses its connection, too; one that goes on talking keeps it"""
    async with client(server, "Ann") as ann, client(server, "Ben") as ben, client(server, "Cem") as cem:
        for one in ann, ben:
            await expect(one, "3", "9")
        talk = asyncio.ensure_future(talks_on(ann, lambda: not ben.connected))
        try:
            await answered_in_the_end(cem, "Ann and Ben had been answered; Ann went on talking, Ben was silent")
            await lose_their_connections(ben)
            await talk
        finally:
            talk.cancel()
            await asyncio.gather(talk, return_exceptions=True)


async def talks_on(ann, is_over):
    """Let Ann ask again and again until is_over(), with short pauses: she must keep her connection."""
    place, asked = ann.local, time.monotonic()
    while not is_over():
        await asyncio.sleep(0.2)
        with contextlib.suppress(ClientError):
            await ann.send("3", timeout=3)
        pause, asked = time.monotonic() - asked, time.monotonic()
        if pause > 1:  # this machine was slow, so the server may be right
            return
        if ann.local != place or not ann.connected:
            raise NotMet("Ann asked something every fifth of a second, and lost her connection all the same")


async def is_not_too_impatient(server):
    """a client that thinks for a fifth of a second keeps its connection"""
    for _ in range(10):
        async with client(server) as ann:
            start = time.monotonic()
            await expect(ann, "3", "9")
            await asyncio.sleep(0.2)
            try:
                came = await ann.send(b"5\n", timeout=3) if ann.connected else "the end of the connection"
            except ClientError as problem:
                came = str(problem)
            if came == "25":
                return
            if time.monotonic() - start < 0.4:  # otherwise this machine was slow, not the server impatient
                raise NotMet(f"was answered, silent for 0.2 s, then sent '5': expected '25', got {came!r}")


async def lasts(server):
    """after all that, two clients are served at once, and no more"""
    await serves_two_still(server, "all checks above had run")
    await serves_two_at_most(server)


async def serves_two_still(server, after_what):
    with explained(f"{after_what}; then Ann and Ben connected, and Ben asked first: {{problem}}"):
        await serves_two(server)


async def answered_in_the_end(cem, meanwhile):
    with explained(f"{meanwhile}; Cem asked, and had no answer within 5 s"):
        await expect(cem, "5", "25", timeout=5)


async def lose_their_connections(*clients):
    require(await happens(lambda: not any(one.connected for one in clients)), "the silent clients were still connected 5 s later")


EXERCISES = {
    "03.1": Exercise(
        "from the loop to threads",
        [
            greets_one,
            greets_the_last_first,
            numbers_go_on,
            uses_threads,
            leaves_no_thread,
            lets_a_guest_go,
            answers_all_who_come_at_once,
        ],
        [
            "Which call keeps the loop from going back to accept()?",
            "threading.Thread takes the function (target) and its arguments (args, a tuple: mind the comma in (connection,)), "
            "and calls it later, in the thread. target=talk(connection) would call it now, in the main thread.",
            "start() starts the thread. The server does not have to wait until it ends.",
        ],
        point=greets_the_last_first,
    ),
    "03.2": Exercise(
        "sold once",
        [sells, waits_for_nobody_to_pay, keeps_the_theatre, sells_each_seat_once, sells_out],
        [
            "Two threads look for a free seat at the same moment. What do both of them see?",
            "One threading.Lock() for all threads: where is it made, so that all of them have the same?",
            "While a buyer pays, nobody else may be kept waiting: which single line needs the lock?",
        ],
        point=sells_each_seat_once,
    ),
    "03.3": Exercise(
        "a pool that lasts",
        [
            dialogue("squares", "a number is answered by its square", {"7": "49", "-12": "144"}),
            serves_two,
            serves_two_at_most,
            survives_words,
            survives_what_breaks_off,
            shows_the_silent_the_door,
            is_not_too_impatient,
            ends_every_silence,
            lasts,
        ],
        [
            "Where does an exception in talk() end up? Follow it upwards: which loop does it end on its way?",
            "A connection can be told how long a call may block: connection.settimeout(seconds). What does recv() raise then?",
            "One try inside the while is enough for lines that are not numbers and for silence.",
        ],
        point=survives_words,
    ),
}
