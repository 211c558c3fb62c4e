"""The exercises of lesson 06: socketserver."""

import asyncio

from clients.examiner.requirements_tcp import joined, long_line, pieces
from clients.lab.learning.exercises import Exercise, NotMet, client, dialogue, expect, from_examiner, require, start
from clients.lab.learning.exercises.patience import happens
from servers import launch

PATIENCE = 3  # seconds that a server may need to end
ECHOED = {line: line for line in ("hello", "don't stop", "stop it")}
GOES_ON = "the conversation goes on: three lines of one client, also an empty one; then the next client"
LAST_LINE = "the last line of the script"


async def says_stopping(server):
    """stop is answered with stopping"""
    async with client(server) as ann:
        try:
            await expect(ann, "stop", "stopping")
        finally:
            await start(server.restart)


async def ends(server):
    """after that the server ends by itself, with code 0, even if the client keeps its connection open"""
    await told_to_stop(server, expected_state="exited with code 0")


async def says_goodbye(server):
    """what comes after serve_forever() in the script still runs: it prints goodbye"""
    script = server.source or server.path.read_text(encoding="utf-8")
    with await start(launch, f"{script}\nprint({LAST_LINE!r})\n", name=f"{server.name}-to-its-end") as whole:
        log = await told_to_stop(whole)
    require("goodbye" in log, f"the process ended, but its log has no 'goodbye': {log[-400:] or 'it is empty'}")
    if LAST_LINE not in log:
        raise NotMet("the process ended in the handler: a line that the check had added at the end of the script did not run")


async def told_to_stop(server, expected_state=None):
    """Tell the server to stop, wait for its end, compare its state, and return its log. Restart it for the next check."""
    try:
        async with client(server) as ann:
            await expect(ann, "stop", "stopping")
            # "stopped": it has ended, but its exit status has not arrived yet
            if not await happens(lambda: server.state not in ("running", "stopped"), PATIENCE):
                raise NotMet(f"sent 'stop', got 'stopping', and {PATIENCE} s later the server still runs. Who waits for whom?")
        require(not expected_state or server.state == expected_state, f"expected {expected_state!r}, got {server.state!r}")
        await asyncio.to_thread(server.stop)  # it has ended: this waits for its last output
        return server.log
    finally:
        await start(server.restart)


EXERCISES = {
    "06.1": Exercise(
        "how long is a line",
        [
            dialogue("counts", "a line is answered with its length", {"hello": "5"}),
            dialogue("counts on", GOES_ON, {"one": "3", "": "0", "three": "5"}, ["Ann", "Ben"], stays=True),
            dialogue(
                "counts spaces", "spaces count, and a letter of several bytes counts as that many", {"  two words ": "12", "中文": "6"}
            ),
            *(from_examiner(one, answer=lambda line: b"%d" % len(line)) for one in (joined, pieces, long_line)),
        ],
        [
            "How often is handle() called for a client that sends three lines over one connection?",
            "A line from rfile still has its newline. bytes have removesuffix().",
            'A number has to become bytes, with a newline at the end: b"%d\\n" % number.',
        ],
    ),
    "06.2": Exercise(
        "stop when told",
        [
            dialogue("echoes", "lines are answered as before, even one that merely contains the word stop", ECHOED),
            says_stopping,
            ends,
            says_goodbye,
        ],
        [
            "What exactly do you compare `line` with? It is bytes, and still has its newline.",
            "shutdown() waits until serve_forever() has ended. And what does serve_forever() wait for, while your handler runs?",
            "Call shutdown() in a separate thread, and make sure that handle() returns.",
        ],
        point=says_stopping,
    ),
}
