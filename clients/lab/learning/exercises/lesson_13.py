"""The exercises of lesson 13: patients of the clinic."""

import asyncio
import contextlib
import itertools
import socket
import time

import psutil

from clients.examiner.waiting import Waiting
from clients.lab.lab_client import ClientError, LabClient
from clients.lab.learning.exercises import Exercise, NotMet, answers_one, client, dialogue, expect, explained, last_first, require
from clients.lab.learning.exercises.lesson_02 import break_off
from clients.lab.learning.exercises.patience import PatientSocket, happens
from clients.tcp import reset_on_close

PATIENCE = 5  # seconds for anything that must happen
numbers = itertools.count(1)  # of payments


# ---------------------------------------------------------------- 13.1 paid once


async def adds_up(server):
    """a payment is answered with its number, the new total, and its note"""
    async with client(server, "Ann") as ann:
        first = await pay(ann, "20", "two teas")
        second = await pay(ann, "5", "rice")
    require(second - first == 5, f"the total was {first}, then 5 were paid, and the total was {second}")


async def takes_long_notes(server):
    """a note of 8,000 bytes comes back whole"""
    async with client(server, "Ann") as ann:
        await pay(ann, "1", "for " + "noodles " * 999 + "end")


async def counts_a_repeated_payment_once(server):
    """a payment that is sent again gets the same answer again, and is counted once"""
    async with client(server, "Ann") as ann:
        datagram = f"{new_number()} 20 two teas"
        first = await told(ann, datagram)
        second = await told(ann, datagram)
        same(datagram, first, second)
        await unchanged_since(ann, first)


async def knows_late_repeats(server):
    """a repeat that comes after other payments gets the first answer again; a payment whose first datagram was lost is counted"""
    async with client(server, "Ann") as ann:
        datagram = f"{new_number()} 7 a tea"
        first = await told(ann, datagram)
        for amount in 1, 2, 3:
            await pay(ann, amount, "rice")
        same(datagram, first, await told(ann, datagram))
        await unchanged_since(ann, first, paid=6)
        lost = new_number()  # its first datagram was lost, but the next payment was not
        before = await pay(ann, "5", "rice")
        with explained(f"payment {lost + 1} was answered, and payment {lost} came only then: {{problem}}", NotMet):
            total = total_of(await told(ann, f"{lost} 4 a tea"), lost, "a tea")
    if total != before + 4:
        raise NotMet(f"the total was {before}; payment {lost}, of 4, came after payment {lost + 1}, and the total was {total}")


async def keeps_clients_apart(server):
    """two clients use the same number: each has paid"""
    async with client(server, "Ann") as ann, client(server, "Ben") as ben:
        number = new_number()
        payment = f"{number} 20 two teas"
        anns, bens = [total_of(await told(guest, payment), number, "two teas") for guest in (ann, ben)]
    if bens - anns != 20:
        raise NotMet(f"Ann sent {payment!r}, and the total was {anns}.\nThen Ben sent the same, and the total was {bens}: both have paid")


async def survives_what_is_no_payment(server):
    """a datagram that is not a payment is not answered, and does no harm"""
    async with client(server, "Ann") as ann, client(server, "Ben") as ben:
        before = await pay(ann, "1", "a sweet")
        for text in "hello", "", "8 many teas", "one two":
            ben.ask(text)
        await happens(lambda: [one.kind for one in ben.records].count("send") == 4)
        after = await pay(ann, "1", "a sweet")
        if ben.heard:
            raise NotMet(f"Ben sent something that is not a payment, and was answered {ben.heard[0]!r}")
    require(after == before + 1, f"the total was {before}; Ben sent no payment, and Ann paid 1: the total was {after}")


def new_number():
    """Return an unused payment number."""
    return next(numbers)


async def told(payer, datagram):
    with explained(f"sent {shown(datagram)}, and had no answer within 3 s"):
        return await payer.send(datagram)


async def pay(payer, amount, note):
    """Pay, and return the total in the answer."""
    number = new_number()
    return total_of(await told(payer, f"{number} {amount} {note}"), number, note)


def total_of(answer, number, note):
    came = answer.split(maxsplit=2)
    if len(came) != 3 or came[0] != str(number) or not came[1].lstrip("-").isdecimal() or came[2] != note:
        raise NotMet(f"sent payment {number}\nexpected {number}, the total, and {shown(note)}\ngot {shown(answer)}")
    return int(came[1])


def same(datagram, first, second):
    require(first == second, f"sent {datagram!r} and was told {first!r};\nsent it again, and was told {second!r}")


async def unchanged_since(payer, answer, paid=0):
    """Check that the total has grown only by what was paid since, not by a repeat."""
    before, after = int(answer.split()[1]), await pay(payer, "0", "nothing")
    require(after == before + paid, f"the answer said a total of {before}, {paid} were paid since, and the total is {after}")


def shown(text):
    return repr(text) if len(text) < 80 else f"{text[:30]!r} ... ({len(text)} characters)"


# ---------------------------------------------------------------- 13.2 a shelf of files

FILE = 12_000_000  # bytes: more than the buffers of a connection hold
SILENCE = 3  # seconds without data before giving up
SLOW = 5  # clients that do not read, more than the workers of a small pool


def gives_large_files_whole(server):
    """a file of 12 MB arrives whole, at a client that takes its time, and the next question is answered"""
    with request(server, FILE) as sock:
        sock.recv(1, socket.MSG_PEEK)
        time.sleep(0.5)  # this client takes its time
        read_file(sock)
        sock.sendall(b"3\n")
        came = sock.makefile("rb").readline()
        require(came == b"xxx\n", f"the next question was '3', expected b'xxx\\n', got {came!r}")


async def serves_others_beside_a_slow_reader(server):
    """while Ann and four others do not read their files, Ben gets his; then Ann gets the whole of hers"""
    with contextlib.ExitStack() as stack:
        for number in range(SLOW):
            ann = stack.enter_context(request(server, FILE))
            with explained(f"{{problem}} (clients before it that do not read: {number})", NotMet):
                await has_begun(ann)
        async with client(server, "Ben") as ben:
            with explained(f"{SLOW} clients asked for {FILE} bytes and did not read; Ben asked for 10, and had none in 3 s"):
                await expect(ben, "10", "x" * 10)
        await asyncio.to_thread(read_file, ann)


async def outlives_clients_that_break_off(server):
    """ten clients break off in the middle of a file, five by a reset: others are served, and no error is in the log"""
    for number in range(10):
        with contextlib.suppress(OSError):
            with request(server, FILE) as ann:
                await has_begun(ann)
                if number % 2:
                    reset_on_close(ann)
    async with client(server) as ben:
        await expect(ben, "10", "x" * 10)
    await happens(lambda: "Traceback" in server.log, 0.5, server, at_most=5)  # its output may arrive late
    require("Traceback" not in server.log, "they broke off, and there is a traceback in the log")


async def lets_go_of_them(server):
    """when all have gone, the server holds no more processes, threads and descriptors than before"""
    async with client(server) as ann:
        await expect(ann, "10", "x" * 10)
    await happens(lambda: rested(server))
    before = holdings(server)
    for _ in range(10):
        with request(server, FILE) as ann:
            await has_begun(ann)
            reset_on_close(ann)
    if not await happens(lambda: all(now <= then + 3 for now, then in zip(holdings(server), before, strict=True))):
        words = "processes", "threads", "descriptors"
        pairs = zip(words, before, holdings(server), strict=True)
        raise NotMet("ten clients broke off, and afterwards:\n" + "\n".join(f"{word}: {a}, then {b}" for word, a, b in pairs))


def rested(server):
    """Return whether the server has stopped cleaning up after earlier clients; whether it cleaned up at all is checked later."""
    now = holdings(server)
    time.sleep(0.05)
    return holdings(server) == now


def holdings(server):
    """Return (processes, threads, descriptors) of the server's process tree."""
    family = server.processes()
    return len(family), sum(one.threads or 0 for one in family), sum(one.descriptors or 0 for one in family)


@contextlib.contextmanager
def request(server, size):
    """Connect a client with a small buffer that asks for `size` bytes and reads nothing."""
    with PatientSocket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        sock.settimeout(SILENCE)
        sock.connect(server.address)
        sock.sendall(b"%d\n" % size)
        yield sock


async def has_begun(sock):
    """Wait for the first bytes; leave them unread."""
    with explained(f"a client asked for {FILE} bytes, and in {SILENCE} s not one has come", TimeoutError):
        began = await asyncio.to_thread(sock.recv, 1, socket.MSG_PEEK)
    require(began, f"a client asked for {FILE} bytes, and the server closed the connection")


def read_file(sock):
    came = 0
    while came < FILE + 1:
        with explained(f"a client asked for {FILE} bytes; a part of it came, and then nothing for {SILENCE} s", TimeoutError):
            data = sock.recv(65_536)
        require(data, f"a client asked for {FILE} bytes; a part of it came, and then the end of the connection")
        came += len(data)
    if came > FILE + 1 or not data.endswith(b"\n"):
        raise NotMet(f"a client asked for {FILE} bytes, and the answer does not end in a newline after that many")


# ---------------------------------------------------------------- 13.3 room for twenty

LIMIT = 32
CROWD = 40
ROOM = 20  # clients served at once
FEW = 6  # clients that come before the crowd, and after it
QUIET = 1  # seconds without another client being served, after which the server is full, not slow
LOST = "40 clients came and asked, and some of them lost their connection"  # before or after an answer, which is luck


async def keeps_its_limit(server):
    """each of its processes may hold 32 descriptors and no more"""
    for one in server.processes():
        with contextlib.suppress(psutil.Error, AttributeError):  # only Linux reports it
            limit = psutil.Process(one.pid).rlimit(psutil.RLIMIT_NOFILE)[0]
            require(limit == LIMIT, f"process {one.pid} may hold {limit} descriptors")


async def answers_some_the_last_first(server):
    """six clients are connected, and the last one asks first: each is answered"""
    await last_first(server, number=FEW)


async def serves_forty_in_the_end(server):
    """40 clients come: twenty are served and stay as long as they like, the others wait and are served when one of them leaves"""
    async with crowd_of(server) as (crowd, questions):
        await happens(lambda: sum(question.done() for question in questions) >= ROOM)
        served = await served_in_the_end(crowd, questions)
        require(len(served) >= ROOM, f"40 clients are connected and ask: within {PATIENCE} s {len(served)} of them were answered")
        if len(served) == CROWD:
            raise NotMet(f"40 clients were served at once, with {LIMIT} descriptors for a process: is the limit as it was?")
        left = set()
        while len(left) < CROWD:
            ready = [one for one in answered(crowd, questions) if one not in left]
            none_is_turned_away(ready, questions)
            if not ready and not await happens(lambda: sum(question.done() for question in questions) > len(left)):
                raise NotMet(
                    f"40 clients came, {len(left)} were answered and left, and then nobody else was answered for {PATIENCE} s"
                )
            for one in ready:
                await one.close()
                left.add(one)


async def goes_on_afterwards(server):
    """after the crowd, and after clients that break off, it serves as before"""
    for number in range(LIMIT):
        broke_off = f"{number} clients were answered and broke off; the next one asked, and had no answer within 3 s"
        with explained(broke_off, TimeoutError):
            await asyncio.to_thread(break_off, server.address)
    await last_first(server, number=FEW)


async def never_fails_to_accept(server):
    """no accept has failed: when there is no room, the server does not try"""
    failed = [event for event in server.events() if event.kind == "accept" and event.detail in ("EMFILE", "ENFILE")]
    if failed:
        raise NotMet(f"{len(failed)} accepts have failed with {failed[0].detail}: too many open files")


@contextlib.asynccontextmanager
async def crowd_of(server):
    """Connect 40 clients and yield them with their questions. They use only the address: a server whose accepts keep failing has
    a million events.
    """
    crowd = [LabClient(server.address, f"client {number + 1}", timeout=60) for number in range(CROWD)]
    try:
        await asyncio.gather(*(one.connect() for one in crowd), return_exceptions=True)
        yield crowd, [one.ask("hello") for one in crowd]
    finally:
        for one in crowd:
            await one.close()


def answered(crowd, questions):
    return [one for one, question in zip(crowd, questions, strict=True) if question.done()]


async def served_in_the_end(crowd, questions):
    """Return the clients served together: they stay and keep asking until, for QUIET seconds, no further client is answered.

    A client that left sooner would make room, and a server that is only slow to accept would never reach its limit.
    """
    served, quiet = [], Waiting(None, QUIET)
    while not quiet.is_over and len(served) < CROWD:
        before = len(served)
        served = answered(crowd, questions)
        none_is_turned_away(served, questions)
        for one in served:
            await still_served(one)
        if len(served) > before:
            quiet.begin()
        await asyncio.sleep(0.02)
    return served


def none_is_turned_away(served, questions):
    unanswered = any(question.done() and question.exception() is not None for question in questions)
    require(not unanswered and all(one.connected for one in served), LOST)


async def still_served(one):
    try:
        await expect(one, "still there?", "still there?")
    except ClientError as problem:
        raise NotMet(f"{one.name} was answered, stayed, and asked again: {problem}" if one.connected else LOST) from None


EXERCISES = {
    "13.1": Exercise(
        "paid once",
        [
            adds_up,
            takes_long_notes,
            counts_a_repeated_payment_once,
            knows_late_repeats,
            keeps_clients_apart,
            survives_what_is_no_payment,
        ],
        [
            "What does recvfrom(64) do with a datagram of 100 bytes? What is the largest size that makes sense?",
            "What does the server have to remember, so that it can answer a repeated payment as it did before?",
            "Two clients may both have a payment number 1. What tells them apart? Not the host alone: both may be on one.",
            "split() may give two parts, and int() may raise. One such datagram must cost nothing but itself.",
        ],
        point=takes_long_notes,
    ),
    "13.2": Exercise(
        "a shelf of files",
        [
            dialogue("gives a file", "'10' is answered with ten x; '0' with an empty line", {"10": "x" * 10, "0": ""}),
            gives_large_files_whole,
            serves_others_beside_a_slow_reader,
            outlives_clients_that_break_off,
            lets_go_of_them,
        ],
        [
            "One word makes the files whole: station E.",
            "With that word the server waits for a slow reader. Who else has to wait then, and who could wait instead?",
            "Does sendall() always raise the same error when the client has gone? Which class is the parent of all these errors?",
            "Every way out of a conversation has to close the connection. `with connection:` does that, after an error, too.",
        ],
        point=gives_large_files_whole,
    ),
    "13.3": Exercise(
        "room for twenty",
        [
            answers_one,
            keeps_its_limit,
            answers_some_the_last_first,
            serves_forty_in_the_end,
            never_fails_to_accept,
            goes_on_afterwards,
        ],
        [
            "How many descriptors does it hold before the first client comes? Ask a gauge. How many clients does that leave room for?",
            "To stop before the limit, the server has to count, and to wait before accept() until there is a place.",
            "threading.Semaphore counts and waits. Where do you give a place back, so that an error in a conversation gives it back, too?",
        ],
        point=serves_forty_in_the_end,
    ),
}
