"""What is asked of the server's processes: what each client leaves behind, what they share, and how all of it ends."""

import contextlib
import os
import signal
import socket
import time
from contextlib import ExitStack

import psutil

from clients.examiner.peers import shown
from clients.examiner.requirements import NotAsked, NotMet, requirement
from servers.runtime import LaunchError

CROWD = 64  # clients that come and go before one looks, and again: 128 in all
LEAKED = 12  # processes, threads or descriptors more than before are no accident
STEADY = 10  # looks in a row that show the same
STREAM = 100  # clients, and again: 200 in all
COUNTS = 1_000  # times that each client counts, in one go
ROUNDS = 3  # in which they do so
LONG_ENOUGH = 4  # seconds, after which no further round begins
TURNS = 30  # in a round: times that a server is let run for a moment
TURN, BREAK = 0.0005, 0.006  # seconds. In a break longer than sys.getswitchinterval() other threads want the interpreter
DATAGRAMS = 50  # times that each client counts over UDP

NO_NUMBER = "`count` is not answered, or with words; others who count have to be able to compare"
CROWDED = "a crowd that comes and goes is too much for it, or the end of one client is the end of all"


def come_and_go(exam, number, breaking_off=False):
    """So many clients come, are answered, and leave: in groups that leave at the same moment, if the server can serve a group."""
    size = exam.clients if exam.concurrent else 1  # no more at once than it has shown that it can serve
    for first in range(0, number, size):
        before = exam.family()
        with ExitStack() as clients:
            group = [clients.enter_context(exam.visit(f"one of {number} clients")) for _ in range(min(size, number - first))]
            for one in group:
                exam.hello(one, mistake=CROWDED)
            if breaking_off:
                group[0].reset()
            leave(exam, clients, len(group), before)


def leave(exam, clients, number, before):
    """They all leave. If each has a child, the children's parents are stopped meanwhile: one SIGCHLD then stands for many children."""
    family = exam.family()
    new = [one for one in family if one not in before]
    if len(new) < max(number, 2):
        return
    parents = {ask(one.ppid) for one in new}
    with stopped([one for one in family if one.pid in parents]):
        clients.close()
        exam.until(lambda: len(living(new)) <= len(new) - number // 2, 2)


@contextlib.contextmanager
def stopped(processes):
    """These processes do not run meanwhile (SIGSTOP, SIGCONT: signal(7))."""
    try:
        tell(processes, signal.SIGSTOP)
        yield
    finally:
        tell(processes, signal.SIGCONT)


def tell(processes, what):
    for one in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one.pid, what)


def living(family):
    return [one for one in family if state_of(one) not in (psutil.STATUS_ZOMBIE, None)]


def zombies(family):
    return [one for one in family if state_of(one) == psutil.STATUS_ZOMBIE]


def state_of(process):
    """A psutil status; None when it has gone meanwhile."""
    return ask(process.status)


def ask(question):
    """What a process answers; None when it has gone meanwhile, or may not be asked."""
    try:
        return question()
    except psutil.Error:
        return None


def left(exam):
    """How many (zombies, living processes, threads of theirs) the family has now."""
    family = exam.family()
    alive = living(family)
    return len(zombies(family)), len(alive), sum(ask(one.num_threads) or 0 for one in alive)


def settled(exam):
    """Wait until the family no longer changes."""
    seen = []

    def steady():
        seen.append(left(exam))
        time.sleep(0.03)
        return len(seen) > STEADY and len(set(seen[-STEADY:])) == 1

    exam.until(steady)


@requirement(
    "reaping",
    "a child that has ended stays as a zombie until its parent asks for its exit status",
    [
        "Look at the table: print(server.processes()). What are those that have ended waiting for?",
        "SIGCHLD tells the parent that children have ended, and one signal may stand for several: "
        "ask waitpid(-1, WNOHANG) until it has no more.",
        "Nobody may come for an hour: do not wait for the next client before you reap.",
    ],
    read=["02"],
)
def reaping(exam):
    """128 clients come and go, and nothing of them is left: no zombie, no process, no thread"""
    come_and_go(exam, CROWD)
    what, late = f"{CROWD} clients that came and went", f"{exam.patience:g} s after the last had gone"
    if not exam.until(lambda: not zombies(exam.family())):
        raise NotMet(what, "no zombie", f"zombies {late}")
    settled(exam)
    _, processes, threads = left(exam)
    come_and_go(exam, CROWD)

    def gone():
        now = left(exam)
        return now[0] == 0 and now[1] < processes + LEAKED and now[2] < threads + LEAKED

    if exam.until(gone):
        return
    now = left(exam)
    if now[0]:
        raise NotMet(what, "no zombie", f"zombies {late}")
    kind = "processes" if now[1] >= processes + LEAKED else "threads"
    raise NotMet(
        what,
        f"no more {kind} than after as many before them",
        f"more {kind}, {late}",
        "who serves a client has to end when it leaves; a child that goes on runs into its parent's loop",
    )


@requirement(
    "descriptors",
    "a connection is never closed: by the parent its copy, or by whoever serves the client on one of the ways out",
    [
        "Who closes the connection when the client leaves? And when it breaks off?",
        "After a fork two processes hold it, and each closes its own. `with connection:` closes on every way out.",
    ],
    read=["02", "04"],
)
def descriptors(exam):
    """200 clients come and go, some break off, and no descriptor is left open for them"""

    def held():
        counts = [ask(one.num_fds) for one in living(exam.family())]
        return sum(count or 0 for count in counts)

    exam.family()
    come_and_go(exam, STREAM, breaking_off=exam.kind == "tcp")
    settled(exam)
    before = held()
    come_and_go(exam, STREAM, breaking_off=exam.kind == "tcp")
    if not exam.until(lambda: held() < before + LEAKED // 2):
        raise NotMet(
            "200 clients that came and went",
            "no more descriptors than after the first 100",
            f"more, {exam.patience:g} s after the last had gone",
        )


@requirement(
    "state",
    "each process has a copy of its own, or two threads changed it at once and one change was lost",
    [
        "Where does the number live? Who can see it?",
        "After a fork each process has its own copy: what all clients share needs one process that keeps it, or memory that is shared.",
        "Between threads: read, change and write under one lock.",
    ],
    read=["02", "03", "07"],
)
def state(exam):
    """clients that `count` at the same time are told no number twice"""
    with exam.visit("Ann") as ann:
        ann.send(b"count\n")
        came = ann.line() if exam.kind == "tcp" else ann.datagram()
    if came == exam.answer(b"count"):
        raise NotAsked("it keeps no number: `count` is a line like any other to it")
    if isinstance(came, str) or not came.isdigit():
        known = shown(exam.answer(b"count"))
        raise NotMet("the line `count`", f"a number, or {known} from a server that keeps none", shown(came), NO_NUMBER)
    end = time.monotonic() + LONG_ENOUGH
    told, size = [], exam.clients if exam.concurrent else 1
    for _ in range(ROUNDS if exam.concurrent else exam.clients):
        with ExitStack() as stack:
            peers = [stack.enter_context(exam.visit("one of many who count")) for _ in range(size)]
            new = count_by_datagram(peers) if exam.kind == "udp" else count_together(exam, peers)
        what = "`count`, again and again, from many clients"
        if None in new:
            raise NotMet(what, "a number for each", "fewer numbers", "answers are missing")
        told += new
        if len(set(told)) < len(told):
            raise NotMet(what, "no number twice", "numbers that were told twice")
        if exam.concurrent and time.monotonic() > end:
            return


def count_together(exam, peers):
    """All numbers that these clients are told when they all count at once; None for what is no number.

    The server is as unlucky as on a busy machine: its processes have all their work before they begin, and a process that is
    alone is stopped in the middle of it, so that its threads take turns. What stays hidden: threads of one Python process that
    do next to nothing between reading and writing the number. The GIL hardly ever changes hands there, so no number is lost.
    """
    for peer in peers:
        exam.hello(peer)  # whoever serves it is there
    family = exam.family() if exam.server else []
    with stopped(family):
        for peer in peers:
            peer.send(b"count\n" * COUNTS)
        for _ in range(TURNS if len(family) == 1 else 0):
            tell(family, signal.SIGCONT)
            time.sleep(TURN)
            tell(family, signal.SIGSTOP)
            time.sleep(BREAK)
    return [number_of(peer.line()) for peer in peers for _ in range(COUNTS)]


def count_by_datagram(peers):
    told = []
    for _ in range(DATAGRAMS):
        for peer in peers:
            peer.send(b"count\n")
        told += [number_of(peer.datagram()) for peer in peers]
    return told


def number_of(came):
    return int(came) if isinstance(came, bytes) and came.isdigit() else None


@requirement(
    "clean stop",
    "a child or a worker still holds the listener when the parent has ended",
    [
        "SIGTERM is what `kill PID` sends, to one process. Who of the family hears of it?",
        "A child that was forked for a client closes its copy of the listener at once; else the port outlives the server.",
        "A parent that keeps workers hands the signal on to them before it ends.",
    ],
    read=["02", "11"],
)
def clean_stop(exam):
    """SIGTERM ends it while a client is connected: nobody listens any more, and when the client has left, no process is left"""
    exam.family()
    with exam.visit("a client that stays") as guest:
        exam.hello(guest)
        settled(exam)
        os.kill(exam.server.pid, signal.SIGTERM)
        what = "SIGTERM to the server's process, while a client is connected"
        if not exam.until(lambda: exam.server.pid not in [one.pid for one in living(exam.family())]):
            raise NotMet(
                what,
                "its end",
                f"it runs on, {exam.patience:g} s later",
                "the signal is caught or ignored, and nothing ends the server",
            )
        if not exam.until(lambda: nobody_listens(exam)):
            raise NotMet(what, "nobody at its port", "the server's process has ended, and another one of its family listens on")
    if not exam.until(lambda: not exam.family()):
        raise NotMet(
            f"{what}; then the client left",
            "that no process of its family is left",
            f"some are left, {exam.patience:g} s later",
            "a child does not notice that its client has left, or workers outlive their parent",
        )
    try:
        exam.server.restart()
    except LaunchError as problem:
        raise NotMet(
            "a start, right after its end",
            "that it listens again",
            str(problem).partition("\n")[0],
            "connections of the last run are in TIME_WAIT; SO_REUSEADDR binds the port although they are",
        ) from None


def nobody_listens(exam):
    """Nobody is at the server's port: TCP refuses us, and UDP lets us have it."""
    with socket.socket(type=socket.SOCK_STREAM if exam.kind == "tcp" else socket.SOCK_DGRAM) as probe:
        probe.settimeout(exam.patience)
        try:
            probe.connect(exam.address) if exam.kind == "tcp" else probe.bind(exam.address)
        except ConnectionRefusedError:
            return True
        except OSError:  # a queue that nobody empties has become full, or the port is in use
            return False
        return exam.kind == "udp"


REQUIREMENTS = [reaping, descriptors, state, clean_stop]
