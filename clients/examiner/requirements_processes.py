"""The requirements for the server's processes: what each client leaves behind, what they share, and how they end."""

import contextlib
import itertools
import os
import re
import signal
import socket
import time
from collections import Counter
from contextlib import ExitStack

import psutil

from clients.examiner import diagnosis, requirements_tcp, unclosed, unserved
from clients.examiner.exam import UNDISTURBED, start_with, stopped
from clients.examiner.mistakes_tcp import GIVES_UP, MIXED, OUT_OF_ORDER, PAUSE_IS_THE_END
from clients.examiner.peers import GIVE_UP, LEFT_OVER, LONGEST, kind_of, shown, unread
from clients.examiner.requirements import UNKNOWN, Diagnosis, NotAsked, NotMet, requirement
from clients.examiner.waiting import AT_REST, HAS_PROC
from clients.tcp import family_of
from servers.runtime import LaunchError, listening, process_tree

CROWD = 30  # clients that come and go before the first count, and again before the second: 60 in all
LEAKED = 12  # so many more processes, threads or descriptors than before are a leak
TRACEBACK = "Traceback (most recent call last)"
STEADY = 3  # equal results in a row, of a server that rests, that count as steady
BURST = b"%s\n" % (b"b" * 999) * 50  # lines of a client that resets its connection
STREAM = 50  # clients before the first count, and again before the second: 100 in all
COUNTS = 400  # `count` lines that each client sends at once
ASKS = 20  # different lines that each client sends at once
IN_TURN = 4  # clients that count one after another
DATAGRAMS = 50  # `count` datagrams of each client over UDP

PATIENCE, SHORTER = 12, 20  # seconds for which a client is silent; the factor by which we shorten that and all timeouts
MINUTES, TRIES = 50, 3  # seconds, just under a minute: beyond them this machine was too slow, and we try again; number of tries
ALONE = 3  # seconds without a question: longer than the timeouts that people set where none belongs
HECTIC = 4  # seconds for earlier work to finish, if the server has already been seen to compute on and on
A_LOOK, MOSTLY = 0.1, 0.8  # seconds between two checks; share of checks at which a busy server is running or runnable
BUSY = 0.2  # more CPU seconds than this in all checks together mean that it is not at rest
SLOWLY = 8  # seconds after which keeping most of the data is too much as well
HOARD = 16_000_000  # bytes that a server may keep for a client that does not read
OFFERED = 40_000_000  # maximum bytes that such a client sends

POLLS = Diagnosis(
    "it asks again and again instead of waiting (busy polling): a loop without a blocking call, or with a timeout of 0; or "
    "its select() or poll() returns at once: for sockets that are ready to be written, as nearly all are, or for one that was "
    "closed and not unregistered",
    (
        "Which call of your loop waits when nobody has anything to say? What does it return, again and again?",
        "A timeout of None waits for events. Call unregister() before you close a socket; ask for EVENT_WRITE only while "
        "something is unsent.",
    ),
    ("04",),
)
HOARDS = Diagnosis(
    "it goes on reading, and keeps everything that the client does not take, without a limit: there is no backpressure",
    (
        "Where do answers go that a client does not read, and how many may there be?",
        "Stop reading from a client that has too much unsent: await drain(), or ask the selector for EVENT_WRITE alone meanwhile.",
    ),
    ("04", "05"),
)
TIMER = re.compile(r"\bTimer\(")
THREADS_STAY = Diagnosis(
    "a thread does not end when its client has left",
    (
        "What does the thread wait for after its client has left?",
        "recv() returns b'' when the client has left: then let the thread's function return. A thread that waits for a queue "
        "has to be told.",
    ),
    ("03",),
)
LEAVING_IS_NO_ERROR = Diagnosis(
    "that a client leaves is taken for an error, or leads to one; but every client leaves at some time",
    (
        "What does your server do when recv() or readline() has returned b''? Look into the log.",
        "The end of a conversation is no error: leave its loop, and close the connection.",
    ),
    ("01",),
)
TIMER_STAYS = Diagnosis(
    "a threading.Timer is a thread, and it stays until its time has come: nobody cancels it when its client has left",
    ("Which threads are there for a client, beside the one that serves it?", "Call timer.cancel() on every way out (finally)."),
    ("03",),
)
STANDS_STILL = Diagnosis(
    "the number does not grow: an earlier answer is given again (a cache), or what was counted is not kept",
    (
        "Where is the number kept after the answer? Is it computed at all when the same line comes again?",
        "A cache gives the same answer to the same line: use one only for answers that never change.",
    ),
    ("03",),
)
NO_NUMBER = "`count` is not answered, or with words; others who count have to be able to compare"
CROWDED = Diagnosis(
    "a crowd that comes and goes is too much for it, or the end of one client is the end of all",
    (
        "What does your server do when a client has left, and when several leave at the same moment?",
        "What does your server take for each client and give back when it leaves: a thread, a worker, a slot, an entry in a list?",
    ),
    ("02", "03"),
)


DEAF = Diagnosis(
    "the signal is caught or ignored, and nothing ends the server",
    (
        "What does your SIGTERM handler do?",
        "End the loop: close the listener, or raise SystemExit. Without a handler, SIGTERM ends the process.",
    ),
    ("02",),
)
OUTLIVED = Diagnosis(
    "a child does not notice that its client has left, or workers outlive their parent",
    (
        "What tells the workers that their parent is ending?",
        "Let the parent pass SIGTERM on to its workers before it ends; daemon=True ends multiprocessing's processes with it.",
    ),
    ("02", "11"),
)
WAITS_FOR_THREADS = Diagnosis(
    "its process ends only when the client has left: at exit, Python waits for all threads that are not daemons, and "
    "socketserver's server_close() waits for those of its handlers",
    (
        "Which threads still run when your SIGTERM handler has raised SystemExit?",
        "Use Thread(..., daemon=True), or in socketserver daemon_threads = True: such threads do not keep the process alive.",
    ),
    ("03", "06"),
)
WAITS_FOR_ITS_CLIENTS = Diagnosis(
    "its process ends only when the client has left: its loop runs on until all conversations are over, however long that takes",
    (
        "What does your server wait for when it is told to end: gather(), wait() or wait_closed()? When is that over?",
        "Give the clients a few seconds, and no more: asyncio.wait(tasks, timeout=...), then cancel the rest.",
    ),
    ("05",),
)
WAITS_FOR_ITSELF = Diagnosis(
    "socketserver's shutdown() waits until serve_forever() has returned; a signal handler runs in the main thread, in the "
    "middle of serve_forever(), so it waits for itself",
    (
        "Which thread runs the SIGTERM handler, and which runs serve_forever()? Who waits for whom?",
        "Let the handler raise SystemExit: sys.exit(). Or call shutdown() in a thread other than the one that serves.",
    ),
    ("06",),
)
SHUTDOWN = re.compile(r"\.shutdown\(\)")  # the method of socketserver, which takes no argument
STILL_IN_USE = Diagnosis(
    "connections of the last run are in TIME_WAIT, and the listener was bound without SO_REUSEADDR",
    (
        "Which option lets bind() take a port whose old connections are in TIME_WAIT?",
        "Set SO_REUSEADDR before bind(), or allow_reuse_address = True in socketserver; socket.create_server() sets it for you.",
    ),
    ("02",),
)
NOT_SHARED = Diagnosis(
    "each process has a copy of its own: what one of them counts, the others never see",
    (
        "Where does the number live? Which processes can see it?",
        "After a fork, each process has its own copy: what all clients share needs one process that keeps it, or shared memory.",
    ),
    ("02", "03"),
)
ONE_FOR_EACH_CLIENT = Diagnosis(
    "each client has a number of its own: it lives in an object that is made for each connection, or belongs to one thread",
    (
        "Where does the number live: a local variable, an attribute of a handler, threading.local()? How many of them are there?",
        "Keep what all clients share in one place: a variable of the module, or an attribute of the server, with a lock "
        "around it.",
    ),
    ("03", "07"),
)
IN_THE_WAY = Diagnosis(
    "threads or children that serve clients at the same time interfere: what one of them uses, another one changes",
    (
        "What do all of them use, and what changes it? Look into the log first.",
        "What belongs to one client is kept in local variables; what all share is changed under one lock.",
    ),
    ("03",),
)
RACE = Diagnosis(
    "two changed the number at once, and one change was lost: reading, adding and writing are three steps",
    (
        "What happens when two threads, or processes, have both read the number, and neither has written yet?",
        "Read, change and write under one lock, the same for all.",
    ),
    ("03", "07"),
)


def come_and_go(exam, number, breaking_off=False):
    """Let `number` clients come, be answered, and leave; in groups that leave at the same moment, if the server can serve a group."""
    size = exam.clients if exam.concurrent else 1  # no more at once than the server has proved that it can serve
    together = not breaking_off
    for first in range(0, number, size):
        before = exam.family() if together else []
        with ExitStack() as clients:
            group = crowd(exam, clients, min(size, number - first), f"one of {number} clients", CROWDED)
            for peer in group[::3] if breaking_off else ():  # while answers are on the way
                with contextlib.suppress(OSError):
                    peer.socket.send(BURST)
                peer.reset()
            together = together and leave(exam, clients, len(group), before)


def crowd(exam, stack, number, name, usual=UNKNOWN):
    """Connect `number` clients and have each one served; one after the other, since the listener's queue may be short."""
    peers = []
    for _ in range(number):
        peers.append(stack.enter_context(exam.visit(name)))
        try:
            exam.hello(peers[-1])
        except NotMet as problem:
            if exam.own_error() == UNKNOWN:  # a guess must not override it
                problem.diagnosis = problem.diagnosis.or_else(LEFT_OVER if problem.kind == "other" else usual)
            raise
    return peers


def leave(exam, clients, number, before):
    """Let all clients leave. If each has a child, stop the children's parents meanwhile, so that one SIGCHLD stands for many.

    Return False if the children do not end.
    """
    family = exam.family()
    new = [process for process in family if process not in before]
    if len(new) < max(number, 2):
        return True
    parents = {ask(process.ppid) for process in new}
    with stopped([process for process in family if process.pid in parents]):
        clients.close()
        return exam.until(lambda: len(living(new)) <= len(new) - number // 2, at_rest=1)


def living(family):
    return [one for one in family if state_of(one) not in (psutil.STATUS_ZOMBIE, None)]


def zombies(family):
    return [one for one in family if state_of(one) == psutil.STATUS_ZOMBIE]


def state_of(process):
    """Return the psutil status of a process; None if it no longer exists."""
    return ask(process.status)


def ask(question):
    """Call a psutil method; return None if the process no longer exists, or access is denied."""
    try:
        return question()
    except psutil.Error:
        return None


def left(exam):
    """Return how many (zombies, living processes, threads of the living) the process tree has now."""
    family = exam.family()
    alive = living(family)
    return len(zombies(family)), len(alive), sum(ask(one.num_threads) or 0 for one in alive)


def settled(exam):
    """Wait until the process tree no longer changes."""
    seen = []

    def steady():
        seen.append(left(exam))
        return len(seen) >= STEADY and len(set(seen[-STEADY:])) == 1 and exam.rests()

    exam.until(steady)


@requirement(
    "reaping",
    "a child that has ended stays as a zombie until its parent asks for its exit status",
    [
        "Look at the table: print(server.processes()). What are the ended ones waiting for?",
        "SIGCHLD tells the parent that children have ended, and one signal may stand for several: call waitpid(-1, WNOHANG) "
        "until it finds no more.",
        "The next client may not come for an hour: do not wait for it before you reap.",
    ],
    read=["02"],
)
def reaping(exam):
    """60 clients come and go, and leave nothing behind: no zombie, no process, no thread, no error in the log"""
    _, before, _ = left(exam)
    come_and_go(exam, CROWD)
    what, late = f"{CROWD} clients that came and went", "some time after the last had gone"
    if zombies_stay(exam):
        raise NotMet(what, "no zombie", f"zombies {late}")
    settled(exam)
    _, processes, threads = left(exam)
    if processes >= before + LEAKED and exam.shows_calls and unclosed.goes_on_as_parent(exam.server.events()):
        raise NotMet(what, "no more processes than before them", f"more processes, {late}", unclosed.GOES_ON_AS_PARENT)
    come_and_go(exam, CROWD)
    if zombies_stay(exam):
        raise NotMet(what, "no zombie", f"zombies {late}")

    def gone():
        now = left(exam)
        return now[1] < processes + LEAKED and now[2] < threads + LEAKED

    if exam.until(gone):
        if exam.own_error() == diagnosis.LISTENER_CLOSED:
            raise NotMet(what, "children that end with their clients", "one that came back to accept(), and ended by that")
        if raises_for_each(exam):
            raise NotMet(what, "no error, since they left in order", "a traceback for each", LEAVING_IS_NO_ERROR)
        return
    kind = "processes" if left(exam)[1] >= processes + LEAKED else "threads"
    raise NotMet(
        what,
        f"no more {kind} than after as many before them",
        f"more {kind}, {late}",
        unclosed.GOES_ON_AS_PARENT if kind == "processes" else who_stays(exam),
    )


def raises_for_each(exam):
    """Return whether the log has a traceback for most clients; one alone may be late, about a client that broke off earlier."""
    if TRACEBACK not in exam.new_log or not exam.until(lambda: exam.new_log.count(TRACEBACK) >= CROWD, at_rest=AT_REST):
        return False
    return exam.own_error() != UNKNOWN  # an error of a connection alone is about a server that writes to who has left


def zombies_stay(exam):
    """Check twice whether zombies remain: Python handles a signal that comes just before accept() only when that call returns."""
    if exam.until(lambda: not zombies(exam.family())):
        return False
    come_and_go(exam, exam.clients)
    return not exam.until(lambda: not zombies(exam.family()), at_rest=AT_REST)


def still(exam):
    """Return the seconds at rest after which a leftover counts as a leak: fewer if one has been found before."""
    return AT_REST if exam.meant(reaping, descriptors) else UNDISTURBED


def who_stays(exam):
    if len(unserved.seen_the_end(exam.server)) >= LEAKED:
        return unserved.STUCK_AT_THE_END
    return TIMER_STAYS if TIMER.search(diagnosis.text_of(exam.server)) else THREADS_STAY


@requirement("descriptors", *diagnosis.NOT_CLOSED)
def descriptors(exam):
    """100 clients come and go, some break off, and none leaves a descriptor open"""

    def held():
        counts = [ask(one.num_fds) for one in living(exam.family())]
        return sum(count or 0 for count in counts)

    def no_sockets():
        return sum(not target.startswith("socket:") for one in living(exam.family()) for target in process_tree.open_files(one.pid))

    exam.family()
    come_and_go(exam, STREAM, breaking_off=exam.kind == "tcp")
    settled(exam)
    before, others = held(), no_sockets()
    come_and_go(exam, STREAM, breaking_off=exam.kind == "tcp")
    if not exam.until(lambda: held() < before + LEAKED // 2, at_rest=still(exam)):
        known = exam.meant(reaping)
        meant = unclosed.who_keeps(exam.server)
        if meant == UNKNOWN and no_sockets() >= others + LEAKED // 2:
            meant = unclosed.FILES_STAY
        raise NotMet(
            f"{2 * STREAM} clients that came and went",
            f"no more descriptors than after the first {STREAM}",
            "more, some time after the last had gone",
            known if known == unclosed.GOES_ON_AS_PARENT else meant,
        )


@requirement(
    "state",
    "each process has a copy of its own, or two threads changed it at once and one change was lost",
    [*NOT_SHARED.hints, "Between threads: read, change and write under one lock."],
    read=["02", "03", "07"],
)
def state(exam):
    """clients that ask at the same time get their own answers, and those that `count` never get the same number twice"""
    keeps_a_number = what_count_is(exam)
    start_hasty(exam)
    known = exam.meant(requirements_tcp.joined) or requirements_tcp.unanswered(exam)
    if (exam.concurrent or exam.kind == "udp") and not known:  # otherwise that finding is enough
        ask_for_their_own(exam)
    if keeps_a_number:
        count_again_and_again(exam)


def what_count_is(exam):
    """Return whether the server keeps a number. Raise NotMet if the answer to `count` is neither a number nor the line."""
    with exam.visit("Ann") as ann:
        ann.send(b"count\n")
        came = ann.line() if exam.kind == "tcp" else ann.datagram()
    if came == exam.answer(b"count"):
        return False
    if isinstance(came, str) or not came.isdigit():
        known = shown(exam.answer(b"count"))
        raise NotMet("the line `count`", f"a number, or {known} from a server that keeps none", shown(came), NO_NUMBER)
    return True


def ask_for_their_own(exam):
    """Let many clients send different lines to a server whose threads are made to interfere with each other."""
    with ExitStack() as stack:
        peers = crowd(exam, stack, exam.clients, "one of many who ask at the same time")
        words = [[b"client %d asks %d" % (number, time) for time in reversed(range(ASKS))] for number in range(len(peers))]
        every = [exam.answer(word) for own in words for word in own]
        answers = all_at_once(exam, peers, words)
        for own, came in zip(words, answers, strict=True):
            for word, answer in zip(own, came, strict=False):
                if answer != exam.answer(word):
                    theirs = isinstance(answer, bytes) and answer in every
                    later = exam.kind == "tcp" and answer in map(exam.answer, own) and exam.answer(word) in came
                    elsewhere = exam.kind == "udp" and kind_of(answer) == "nothing" and went_elsewhere(exam, peers, words, answers)
                    raise NotMet(
                        f"different lines from {exam.clients} clients at once",
                        "to each the answers to its own",
                        "an answer to another client's line, or to another one of its own" if theirs else shown(answer),
                        OUT_OF_ORDER if later else MIXED if theirs or elsewhere else IN_THE_WAY,
                        kind_of(answer),
                    )


def went_elsewhere(exam, peers, words, answers):
    """Return whether a client was sent another one's answer, or its own twice; unread datagrams are checked, too."""
    asked = max(map(len, answers))  # by each client
    for peer, own, taken in zip(peers, words, answers, strict=True):
        expected = [exam.answer(word) for word in own]
        for number, came in enumerate(unread(peer.socket), len(taken) + 1):
            if number > asked or came.removesuffix(b"\n") not in expected:
                return True
    return False


def count_again_and_again(exam):
    """Let many clients count on a server whose threads and processes are made to interfere with each other."""
    told, size = [], exam.clients if exam.concurrent else 1
    what = "`count`, again and again, from many clients"
    for _ in range(0, exam.clients, size):
        with ExitStack() as stack:
            peers = crowd(exam, stack, size, "one of many who count")
            times = DATAGRAMS if exam.kind == "udp" else COUNTS
            for came in all_at_once(exam, peers, [[b"count"] * times] * size):
                told += map(number_of, came)
                if None in told:
                    raise NotMet(what, "a number for each", "fewer numbers", "answers are missing")
            if len(set(told)) < len(told):
                raise NotMet(what, "no number twice", "numbers that were told twice", why_twice(exam, told))


def why_twice(exam, told):
    """Return why numbers came twice. Separate counters, each from 1, leave no gap, and give small numbers more often."""
    if counts_as_one(exam):
        return RACE
    often = Counter(told)
    forks = exam.server is not None and exam.server.watch and any(event.kind == "fork" for event in exam.server.events())
    if often.most_common(1)[0][1] > len(told) / 2 and not (forks and often[1] == len(told)):
        return STANDS_STILL
    numbers = range(1, max(told) + 1)
    if any(often[number] < often[number + 1] for number in numbers) or not often[1]:
        return RACE
    if exam.server is None:
        return UNKNOWN
    if forks or len(exam.family()) > 1:
        return NOT_SHARED
    return ONE_FOR_EACH_CLIENT


def counts_as_one(exam):
    """Return whether clients that are all connected, and count in turn, get consecutive numbers: then they share the counter."""
    several, told = exam.concurrent or exam.kind == "udp", []
    with ExitStack() as stack:
        peers = [stack.enter_context(exam.visit("one who counts in turn")) for _ in range(IN_TURN if several else 0)]
        for peer in peers:
            peer.send(b"count\n")
            told.append(number_of(peer.line() if exam.kind == "tcp" else peer.datagram()))
    return bool(told) and None not in told and all(later == number + 1 for number, later in itertools.pairwise(told))


def start_hasty(exam):
    """Restart the server so that, until its next start, its threads pause in the middle of their work (hasty/).

    The GIL hardly ever changes hands between reading and writing a number: without this, a race may stay hidden for years.
    """
    if exam.server is None:
        return
    try:
        start_with(exam.server, "hasty")
    except LaunchError:
        exam.start_anew()
        raise NotAsked("it could not be started again, with threads that pause in the middle of what they do") from None


def all_at_once(exam, peers, questions):
    """Let each client ask all its questions, all starting together; return their answers, a list for each client in order."""
    if exam.kind == "udp":  # one at a time: UDP guarantees no order of the answers
        came = [[] for _ in peers]
        for at_once in zip(*questions, strict=True):
            for peer, question in zip(peers, at_once, strict=True):
                peer.send(question + b"\n")
            for peer, answers in zip(peers, came, strict=True):
                answers.append(peer.datagram())
                if isinstance(answers[-1], str):
                    return came
        return came
    with exam.stopped():  # all have sent their questions before the server continues
        for peer, own in zip(peers, questions, strict=True):
            peer.send(b"\n".join(own) + b"\n")
    return (peer.lines(len(own)) for peer, own in zip(peers, questions, strict=True))  # lazily: the caller may stop early


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
        if not exam.until(lambda: exam.server.pid not in [one.pid for one in living(exam.family())], at_rest=still(exam)):
            in_its_loop = unserved.is_in_selector(exam.server)
            waits = "serve_forever" in (text := diagnosis.text_of(exam.server)) and SHUTDOWN.search(text)
            guest.close()
            ends = exam.until(lambda: exam.server.pid not in [one.pid for one in living(exam.family())], at_rest=1)
            waits_for = WAITS_FOR_ITS_CLIENTS if in_its_loop else WAITS_FOR_THREADS
            raise NotMet(what, "its end", "it runs on", waits_for if ends else WAITS_FOR_ITSELF if waits else DEAF)
        if not exam.until(lambda: nobody_listens(exam), at_rest=still(exam)):
            came = "the server's process has ended, and another one of its family listens on"
            raise NotMet(what, "nobody at its port", came, kind="told to end")
    if not exam.until(lambda: not exam.family(), at_rest=still(exam)):
        raise NotMet(
            f"{what}; then the client left",
            "that no process of its family is left",
            "some are left",
            OUTLIVED,
            kind="told to end",
        )
    try:
        exam.server.restart()
    except LaunchError as problem:
        raise NotMet(
            "a start, right after its end",
            "that it listens again",
            str(problem).partition("\n")[0],
            STILL_IN_USE,
            kind="told to end",
        ) from None


def nobody_listens(exam):
    """Return whether the server's port is free: Linux lists listeners; elsewhere TCP refuses us, and UDP lets us bind the port."""
    if HAS_PROC:  # no probing client, which would wake a process
        return not listening.is_open(exam.server.pid, exam.kind, exam.address[1])
    with socket.socket(family_of(exam.address), socket.SOCK_STREAM if exam.kind == "tcp" else socket.SOCK_DGRAM) as probe:
        probe.settimeout(exam.timeout)
        try:
            probe.connect(exam.address) if exam.kind == "tcp" else probe.bind(exam.address)
        except ConnectionRefusedError:
            return True
        except OSError:  # the queue is full, since no process empties it, or the port is in use
            return False
        return exam.kind == "udp"


@requirement(
    "left alone",
    "it does not serve any more after a while in which nobody asked anything",
    [
        "What happens in your server when nobody comes, or nobody speaks, for a few seconds?",
        "Look for a timeout: on the listener, on the connection, or as a default of all sockets.",
    ],
    read=["01"],
    when={"refused": diagnosis.LISTENER_TIMED_OUT, "end": diagnosis.CLIENT_TIMED_OUT, "reset": diagnosis.CLIENT_TIMED_OUT},
)
def left_alone(exam):
    """left alone for a few seconds, it rests, and then serves as before"""
    with ExitStack() as stack:
        ann = stack.enter_context(exam.visit(f"Ann, who is silent for {ALONE} s")) if exam.concurrent else None
        if ann:
            exam.hello(ann)
        exam.until(exam.rests, HECTIC if exam.restless else None)  # let it finish earlier work
        before = exam.cpu()
        end, looks = time.monotonic() + ALONE, []
        while time.monotonic() < end:
            time.sleep(A_LOOK)
            looks.append(exam.busy())
        used = exam.cpu() - before
        if used > BUSY or sum(looks) > MOSTLY * len(looks):  # on a busy machine it is runnable, and gets little CPU time
            what = "a client that is connected and silent" if ann else "nobody who asks"
            came = f"a server that computed for more than {BUSY:g} of {ALONE} s"
            meaning = unserved.ASKS_THE_GONE if unserved.asks_the_gone(exam.server) else POLLS
            raise NotMet(what, "next to no CPU time", came, meaning)
        if ann:
            exam.hello(ann, b"still here")
        who = f"a client that comes after {ALONE} s in which nobody came"
        with requirements_tcp.one_after_another(exam), exam.visit(who) as ben:
            exam.hello(ben)


@requirement("patience", *diagnosis.CLIENT_TIMED_OUT, {"refused": diagnosis.LISTENER_TIMED_OUT})
def patience(exam):
    """a client may be silent, or read nothing, for 12 seconds: no timeout of the server is that short"""
    if exam.server is None:
        raise NotAsked("over the wire alone its timeouts cannot be made shorter")
    if not exam.concurrent:
        raise NotAsked("it serves one client after another, and a timeout lets the others have their turn")
    try:
        start_with(exam.server, "impatient", SHORTER=str(SHORTER))
    except LaunchError:
        exam.start_anew()
        raise NotAsked("it could not be started again, with shorter timeouts") from None
    if exam.slow or exam.meant(requirements_tcp.slow_reader, requirements_tcp.all_of_it):
        waits_for_who_is_silent(exam)
    else:
        waits_for_who_reads_late(exam)
    exam.start_anew()


def waits_for_who_is_silent(exam):
    as_if = f"as if for {PATIENCE} s: timeouts are {SHORTER} times shorter meanwhile"
    with exam.visit(f"Ann, who is silent {as_if}") as ann, exam.visit(f"Ben, who pauses in the middle of a line {as_if}") as ben:
        exam.hello(ann)
        exam.hello(ben)
        keeps_halves = not exam.meant(requirements_tcp.pieces, requirements_tcp.silent)
        if keeps_halves:
            ben.send(b"half a li")
        time.sleep(PATIENCE / SHORTER)
        exam.hello(ann, b"still here")
        if keeps_halves:
            ben.send(b"ne\n", "'half a li', and later 'ne' and a newline")
            came, line = ben.line(), exam.answer(b"half a line")
            if came != line:
                raise ben.not_met(line, came, PAUSE_IS_THE_END if came == exam.answer(b"half a li") else UNKNOWN)


def waits_for_who_reads_late(exam):
    """Test the same beside a client that sends a lot and reads nothing for as long: a timeout applies to send(), too."""
    who = f"one who sends much, and reads nothing as if for {PATIENCE} s: timeouts are {SHORTER} times shorter meanwhile"
    data = requirements_tcp.flooding()
    for _ in range(TRIES):
        begun = time.monotonic()
        with exam.visit(who, narrow=True) as slow:
            number = data[: slow.pour(data)].count(b"\n")
            waits_for_who_is_silent(exam)
            in_time = time.monotonic() - begun < MINUTES / SHORTER
            came = slow.drain(b"", number)
            if in_time and len(came) < number and (slow.was_reset or kind_of(slow.piece()) in ("end", "reset")):
                raise NotMet(f"lines from {who}", "an answer to each, later", "the end of the connection before all had come", GIVES_UP)
        if in_time:
            return


@requirement("memory", *HOARDS)
def memory(exam):
    """a client that sends and sends, and reads nothing, does not make it grow without bound"""
    with exam.visit("the one who never reads", narrow=True) as slow:
        exam.hello(slow)  # its thread or child exists now, and has its memory
        before = resident(exam)
        gone = seconds = 0
        block = requirements_tcp.flooding()
        keeps_it, begun = False, time.monotonic()
        while gone < OFFERED and not keeps_it:
            taken = slow.pour(block)
            gone += taken
            seconds = time.monotonic() - begun
            grown = resident(exam) - before
            keeps_it = keeps_all(grown, gone, seconds)
            if taken < len(block) and (seconds > LONGEST or exam.reads_no_more(slow, GIVE_UP)):
                break  # but not while it computes: joining long bytes takes quadratic time, and it may read on
        if exam.server is None:  # OFFERED is more than all kernel buffers hold, so the answers are in the server's memory
            keeps_it = gone >= OFFERED
        if not keeps_it:
            slow.finish()
            slow.drain(b"", OFFERED, LONGEST)  # so that it closes cleanly: resets are another requirement
            return
        much = f"lines for more than {SLOWLY} s" if 0 < grown <= HOARD else f"more than {HOARD // 1_000_000} MB"
        problem = NotMet(
            f"{much} from a client that reads nothing",
            "a server that stops reading",
            "one that keeps all of it",
        )
        if exam.server and exam.server.running:
            problem.at_rest = len(exam.server.log)  # the effect of the client's end on it is another requirement
        raise problem


def keeps_all(grown, gone, seconds):
    """Return whether a server keeps too much for a client that does not read; for a slow server that reads on, most of the data."""
    return grown > HOARD or seconds > SLOWLY and grown > max(gone / 2, HOARD / 8)


def resident(exam):
    """Return the resident memory (RSS, proc(5)) of the server's processes in bytes; 0 if they cannot be seen."""
    if exam.server is None:
        return 0
    found = [ask(process.memory_info) for process in living(exam.family())]
    return sum(one.rss for one in found if one)


def requirements(kind):
    """Return the requirements for the processes of a server of this kind, in order: the last one ends the server."""
    return [*([memory] if kind == "tcp" else []), reaping, descriptors, *([patience] if kind == "tcp" else []), state, clean_stop]
