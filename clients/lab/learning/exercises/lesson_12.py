"""The exercises of lesson 12: a chat server."""

import asyncio
import contextlib

from clients.examiner import chat
from clients.lab.learning.exercises import Exercise, NotMet, client, explained, from_examiner, require
from clients.lab.learning.exercises.patience import AT_REST, happens
from clients.lab.panels.chat import Person

LONG = 50_000  # characters of a line
MOST = 300  # such lines, more than the buffers of a connection hold

# ---------------------------------------------------------------- 12.1: one room, and listeners who leave
# Each requirement uses new names: a server that never forgets one keeps it in its old place, ahead of those who leave.


@contextlib.asynccontextmanager
async def people(server, *names):
    """Connect people, who send their names, and leave in the end."""
    client(server)  # raises NotMet if the attempt is not a server
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Person(server, name, timeout=10)) for name in names]


async def says(speaker, text, *listeners, after):
    """Let the speaker say something; expect an answer, and that all listeners hear it."""
    with explained(f"{after}; then {speaker.name} sent 'SAY {text}', and: {{problem}}"):
        answer = await speaker.send(f"SAY {text}", timeout=10)
    require(answer == "OK", f"{after}; then {speaker.name} sent 'SAY {text}', expected 'OK', got {answer!r}")
    for listener in listeners:
        if not await happens(lambda listener=listener: f"SAID {speaker.name} {text}" in listener.news):
            came = list(listener.news)[-1:] or "nothing"
            raise NotMet(f"{after}; then {speaker.name} sent 'SAY {text}', and {listener.name} did not hear it; got {came}")


async def is_heard(server):
    """what one member says, the others hear"""
    async with people(server, "ida", "jon", "kim") as (ida, jon, kim):
        await says(ida, "hello", jon, kim, after="ida, jon and kim have said their names")
        if "SAID ida hello" in ida.news:
            raise NotMet("ida sent 'SAY hello', and was sent 'SAID ida hello', too: only the others should hear it")


async def outlives_a_listener(server):
    """a member leaves, and no other member notices: every speaker is heard by all who stay"""
    async with people(server, "dora", "ann", "ben") as (dora, ann, ben):
        await dora.close()
        await happens(lambda: has_closed(server, dora), 1)  # otherwise the speaker's result would depend on timing
        for word in "one", "two":
            await says(ann, word, ben, after="dora came first, and has left")


async def outlives_one_who_breaks_off(server):
    """the same when members break off while another member speaks"""
    async with people(server, "emil", "fay", "gil", "hal") as (emil, fay, gil, hal):
        for one in emil, fay:
            await one.reset()
            await says(gil, f"goodbye {one.name}", hal, after=f"{one.name} broke off")
            await says(hal, f"goodbye {one.name}", gil, after=f"{one.name} broke off")


async def outlives_one_who_leaves_meanwhile(server):
    """the same when a member leaves while a line is on its way to another one, who does not read at that moment"""
    async with people(server, "lea", "mia", "ned", "oda") as (lea, mia, ned, oda):
        lea.pause()
        for _ in range(MOST):
            asked = ned.ask(f"SAY {'.' * LONG}")
            await asyncio.wait([asked], timeout=0.1)
            if not await happens(asked.done, AT_REST, server, at_most=5):
                break  # its sendall() to Lea blocks; a server that queues unsent data never gets here
        await mia.close()
        await happens(lambda: has_closed(server, mia), 1)
        lea.resume()
        with explained("a line of ned's was on its way to lea when mia left, and ned had no answer to it"):
            await asked
        await says(ned, "done", oda, after="mia has left while ned spoke")  # the server may have disconnected lea as too slow


def has_closed(server, one):
    return any(event.kind == "close" and event.peer == one.local for event in server.events())


async def knows_the_new_one(server):
    """a member comes back under the same name before the old connection is known to be dead, and hears everything from then on"""
    async with people(server, "gus", "pia") as (old, pia), people(server, "gus") as (new,):
        await says(pia, "one", new, after="gus has connected a second time")
        await old.close()
        # Wait until the server has closed its side too, but at most a second: it may never do so.
        await happens(lambda: has_closed(server, old), 1)
        for word in "two", "three", "four", "five":
            await says(pia, word, new, after="gus has connected a second time, and his first connection has ended")
            await asyncio.sleep(0.02)  # the thread of the first connection may be slow


EXERCISES = {
    "12.1": Exercise(
        "one leaves, the others stay",
        [is_heard, outlives_a_listener, outlives_one_who_breaks_off, outlives_one_who_leaves_meanwhile, knows_the_new_one],
        [
            "print(first.log) shows the error. Whose thread did it end, and for whom was the line that could not be sent?",
            "A member that has gone has to be taken off the list, on every way out; "
            "and an error while you send to one member must not stop the loop over the others.",
            "OSError is more than ConnectionError: a socket that was closed here raises OSError (Bad file descriptor).",
            "`for ... in list(members.items())` goes over a copy, so that another thread may change the dictionary meanwhile. "
            "And before you delete a name, make sure that it is still yours: members.get(name) is connection.",
        ],
        point=outlives_a_listener,
    ),
    "12.2": Exercise(
        "the chat server",
        [from_examiner(one, answer=chat.to_a_stranger, concurrent=True) for one in chat.REQUIREMENTS],
        [
            "Choose your model first: threads, one loop, or coroutines. What do all members share, and who may touch it?",
            "Write one function that gets a member and a line, and returns the answer. It needs no socket, and you can try it alone.",
            "Then `leave(member)`, which is called on every way out: off the list, out of the room, LEFT to the others.",
            "Then `tell(member, line)`, which never waits: a queue and a thread for each member, or what a loop or asyncio offers.",
            "The examiner has more hints: report = examine_chat(chat), then report.hint(...) with a requirement's name.",
        ],
        point="names",
    ),
}
