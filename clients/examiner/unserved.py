"""Why a client is not served: what waits for what, judged by the calls of the server's threads and processes."""

import os
import re
import sys
from collections import Counter

from clients.examiner import diagnosis
from clients.examiner.requirements import UNKNOWN, Diagnosis

ONE_AFTER_ANOTHER = Diagnosis(
    "clients are served one after another: the accepting thread serves each client itself, and returns to accept() only when "
    "that client has left",
    (
        "Which call is your server blocked in while the first client is silent?",
        "Something has to call accept() while a client is being served: use a child, a thread, or a loop that never waits for "
        "a single client.",
    ),
    ("01", "02", "03"),
)
CALLED_AT_ONCE = Diagnosis(
    "the function is called at once, by the accepting thread, before any new thread exists: target=talk(connection) calls "
    "talk and passes on what it returns",
    (
        "When is talk(connection) called: now, or when the thread runs?",
        "Pass the function without calling it, and its arguments apart: target=talk, args=(connection,).",
    ),
    ("03",),
)
READS_BEFORE_IT_HANDS_OVER = Diagnosis(
    "the accepting thread reads from the client before it hands the connection over: one silent client holds up everybody",
    (
        "Which call stands between accept() and the start of the thread or child, and what does it wait for?",
        "Hand the connection over right after accept(): let the thread or child receive the first line, too.",
    ),
    ("02", "03"),
)
RUN_IS_NOT_START = Diagnosis(
    "run() runs the function in the thread that calls it: no new thread begins, and the accepting thread serves the client",
    ("Which method of a Thread makes a new thread?", "start() begins the thread, which then calls run() itself."),
    ("03",),
)
WAITS_FOR_ITS_THREAD = Diagnosis(
    "the accepting thread waits for the threads that serve, until their clients have left: join(), result(), a pool's "
    "apply(), or a `with` around a pool",
    (
        "Which call waits for a thread to end? What could the accepting thread do meanwhile?",
        "Nothing needs to wait for it: start() it and go back to accept(). Make a pool once, outside the loop.",
    ),
    ("03",),
)
WAITS_FOR_ITS_CHILD = Diagnosis(
    "the parent waits until a client has left: for the child that it has just forked, or, in a SIGCHLD handler, for children "
    "that still serve",
    (
        "Which call does the parent wait in? What could it do meanwhile?",
        "Reap on SIGCHLD, without waiting: call waitpid(-1, WNOHANG) until it finds no more. wait() waits for children that "
        "still serve.",
    ),
    ("02",),
)
JOINS_ITS_CHILD = Diagnosis(
    "the parent waits in join() for the child that it has just started, until that child's client has left",
    (
        "Which call does the parent wait in? What could it do meanwhile?",
        "Go back to accept() right after start(), without join(): multiprocessing reaps the children that have ended whenever it "
        "starts another.",
    ),
    ("03",),
)
MIXIN_SECOND = Diagnosis(
    "the mixin stands after the server class, so its process_request() is never reached, and clients are served one after another",
    (
        "In which base class does Python find process_request() first? Server.__mro__ shows the order.",
        "The mixin comes first: class Server(ThreadingMixIn, TCPServer).",
    ),
    ("07",),
)
NO_MIXIN = Diagnosis(
    "TCPServer serves its clients one after another: handle() runs in the accepting thread",
    (
        "Which class of socketserver makes a thread, or a process, for each client?",
        "Use ThreadingTCPServer, or your own: class Server(ThreadingMixIn, TCPServer).",
    ),
    ("06", "07"),
)
IN_ANOTHER_QUEUE = Diagnosis(
    "several listeners share the port (SO_REUSEPORT), each with its own queue, and the worker that should empty this client's "
    "queue is busy with another client, or never calls accept()",
    (
        "How many sockets listen at your port, and who calls accept() on each? A client waits in the queue of one of them.",
        "A process that opens a listener has to accept from it, all the time. A parent that only wants to know the port "
        "should bind, and not listen.",
    ),
    ("11",),
)
TOO_FEW_WORKERS = Diagnosis(
    "a fixed number of workers serves that many clients at a time, and no more: the others wait until one of them leaves",
    (
        "How many clients can be connected before one has to wait? Count your workers; a ForkingMixIn has max_children.",
        "A worker that waits for a silent client does nothing else. What else could wait for all of them: a thread for each, "
        "or one loop?",
    ),
    ("03", "04"),
)
NOT_TOLD_OF = Diagnosis(
    "the client waits to be accepted, and the server waits in its selector, which does not report it: in edge-triggered mode "
    "(EPOLLET) it reports several new clients once, and the server accepts only one; or the listener is no longer registered",
    (
        "How many clients may have come when the selector reports the listener? How many does your server accept then?",
        "Call accept() until it raises BlockingIOError, or use level-triggered mode, without EPOLLET. Register the listener "
        "again if you have unregistered it.",
    ),
    ("04",),
)
WORKERS_END = Diagnosis(
    "a worker ends when its client has left: each serves only one client in its life, so there is one fewer after each client",
    (
        "What does a worker do when its client has left? How many workers remain?",
        "Each worker needs a loop of its own, around the call that gives it the next client.",
    ),
    ("03",),
)
LOCKED_OUT = Diagnosis(
    "each client has a thread or a child of its own, and all but one wait for a lock: it is held for a whole conversation, "
    "or during a send() to a client that does not read",
    (
        "What happens while the lock is held, and for how long?",
        "Hold it only while you read and change what is shared, never around a call that waits for a client.",
    ),
    ("03", "07"),
)
AWAITS_ITS_CLIENT = Diagnosis(
    "the coroutine that accepts awaits the whole conversation with one client before it accepts the next",
    (
        "Which await stands in the accepting loop, and when does it end?",
        "asyncio.create_task(talk(...)) lets the conversation continue beside the loop; start_server() makes a task for each "
        "client.",
    ),
    ("05",),
)
WAITS_FOR_A_TURN = Diagnosis(
    "the loop is free, but this client's coroutine waits for its turn: for a Lock or Semaphore that others hold during a "
    "whole conversation, for a task that serves only so many clients, or for one that waits until all the others have spoken "
    "(gather)",
    (
        "What has to happen before this client's line is read and answered? Which coroutine waits for which, and for how long?",
        "Hold a lock only while you read and change what is shared; Semaphore(n) lets in n clients at a time, and no more.",
    ),
    ("05",),
)
LOOP_BLOCKED = Diagnosis(
    "the server waits for one client, and serves nobody else meanwhile: in recv(), or in readline() until the line is complete",
    (
        "Which call waits for one client? recv() and readline() do, on a blocking socket; so do time.sleep() and input().",
        "A loop that serves everybody needs non-blocking sockets and a selector, or coroutines that await whatever takes time.",
    ),
    ("01", "04", "05"),
)
MIXIN = re.compile(r"class\s+\w+\s*\(\s*[\w.]*Server\s*,[^)]*Mix[iI]n")
HAS_MIXIN = re.compile(r"Threading|Forking|process_request")
RUN = re.compile(r"\.run\(\)")
JOIN = re.compile(r"\.join\(\)")
AWAITS_A_THREAD = re.compile(r"await\s+[\w.]*(run_in_executor|to_thread)\(")
GIVES_BACK = re.compile(r"Semaphore|acquire|[Pp]ool|[Qq]ueue")


def who_waits(server, clients):
    """Return why all but one of these clients wait, judged by the server's calls.

    clients     their addresses, in order of arrival. The first is served, or a later one, if threads raced for a lock
    """
    if server is None:
        return UNKNOWN
    events = diagnosis.events_of(server)
    used = {event.peer for event in events if event.kind in ("receive", "send")}
    first = next((address for address in clients if address in used), clients[0])
    acceptor = next(((event.pid, event.tid) for event in events if event.kind == "accept" and event.peer == first), None)
    serving = {(event.pid, event.tid) for event in events if event.kind in ("receive", "send") and event.peer == first}
    if acceptor is None or not serving:
        return AWAITS_ITS_CLIENT if acceptor and "await" in diagnosis.text_of(server) else UNKNOWN
    if in_another_queue(server, events, clients):
        return IN_ANOTHER_QUEUE
    if diagnosis.two_read_one(events):
        return diagnosis.ONE_CONNECTION
    if not_told_of(server, events, clients):
        return NOT_TOLD_OF
    if at_once(events) < 2 and AWAITS_A_THREAD.search(diagnosis.text_of(server)):
        return AWAITS_ITS_CLIENT
    if acceptor not in serving:
        acceptors = {(event.pid, event.tid) for event in events if event.kind == "accept" and event.peer}
        at_accept = any(event.kind == "accept" and event.end is None and (event.pid, event.tid) in acceptors for event in events)
        if not at_accept and at_once(events) > 1 and JOIN.search(diagnosis.text_of(server)):
            return WAITS_FOR_ITS_THREAD
        if any(event.kind == "reap" and event.end is None for event in events):
            return TOO_FEW_WORKERS if at_once(events) > 1 else how_it_waits(server)
        if at_accept and at_once(events) == 1 and begun_since(events, clients) > 1:
            return LOCKED_OUT
        if at_accept and idle_workers(events):
            return stuck_or_ended(events)
        return TOO_FEW_WORKERS if at_accept or at_once(events) > 1 else WAITS_FOR_ITS_THREAD
    if at_once(events) > 1 and len({(event.pid, event.tid) for event in events if event.kind == "accept"}) > 1:
        return TOO_FEW_WORKERS
    if "await" in diagnosis.text_of(server) and is_in_selector(server):
        return WAITS_FOR_A_TURN
    if handed_over(events, acceptor):
        return READS_BEFORE_IT_HANDS_OVER
    if any(event.kind in ("thread start", "fork") for event in events):
        return CALLED_AT_ONCE
    if RUN.search(diagnosis.text_of(server)):
        return RUN_IS_NOT_START
    if MIXIN.search(diagnosis.text_of(server)):
        return MIXIN_SECOND
    if "TCPServer" in diagnosis.text_of(server) and not HAS_MIXIN.search(diagnosis.text_of(server)):
        return NO_MIXIN
    if any(event.kind == "wait" for event in events) or "asyncio" in diagnosis.text_of(server):
        return LOOP_BLOCKED
    return ONE_AFTER_ANOTHER


def how_it_waits(server):
    """Return how the parent waits for its child: in join() of multiprocessing, or in wait()."""
    text = diagnosis.text_of(server)
    return JOINS_ITS_CHILD if JOIN.search(text) and "Process(" in text else WAITS_FOR_ITS_CHILD


def in_another_queue(server, events, clients):
    """Return whether accept() waits although one of these clients was not accepted: that one is in another listener's queue."""
    if not re.search("reuse_?port", diagnosis.text_of(server), re.IGNORECASE):
        return False
    accepted = {event.peer for event in events if event.kind == "accept"}
    at_accept = any(event.kind == "accept" and event.end is None for event in events)
    return at_accept and not accepted.issuperset(clients)


def not_told_of(server, events, clients):
    """Return whether all accepting threads wait in a selector, though one of these clients was not accepted. False for coroutines."""
    accepts = [event for event in events if event.kind == "accept" and event.peer]
    waiting = {(event.pid, event.tid): event.kind for event in events if event.end is None}
    wait_in = {waiting.get((event.pid, event.tid)) for event in accepts}
    return wait_in == {"wait"} and not {event.peer for event in accepts}.issuperset(clients) and "await" not in diagnosis.text_of(server)


def is_in_selector(server):
    """Return whether a thread of the server waits in select(), poll() or epoll."""
    events = diagnosis.events_of(server)
    return any(event.kind == "wait" and event.end is None for event in events)


def serves_from_a_selector(server, client):
    """Return whether a thread that has received something from this client waits in select(), poll() or epoll."""
    events = diagnosis.events_of(server)
    readers = {(event.pid, event.tid) for event in events if event.kind == "receive" and event.peer == client}
    return any(event.kind == "wait" and event.end is None and (event.pid, event.tid) in readers for event in events)


def handed_over(events, acceptor):
    """Return whether another thread or process took over a client from which the accepting one had read."""
    used = {(event.peer, event.pid, event.tid) for event in events if event.kind in ("receive", "send") and event.peer}
    read = {peer for peer, *who in used if tuple(who) == acceptor}
    return any(peer in read and tuple(who) != acceptor for peer, *who in used)


ASKS_THE_GONE = Diagnosis(
    "it ignores that recv() returned b'', at once, again and again: the client has left, but the server keeps reading from it",
    (
        "What does recv() return when the client has left, and what does your server do then?",
        "b'' is the end: leave the client's loop, or take its socket out of the selector or list, and close it.",
    ),
    ("01", "04"),
)
NOT_ACCEPTED_ANY_MORE = Diagnosis(
    "clients are not accepted any more: the accepting thread is doing something else, or has left its loop",
    (
        "After the last client was served, where is the thread that calls accept(), and what does it wait for?",
        "How often does your accepting loop run? What does it, or a signal handler in it, wait for?",
    ),
    ("01", "02"),
)
STUCK = Diagnosis(
    "the client was accepted, but nobody reads what it sends, although others were served: the code that should read waits "
    "for something that does not come",
    (
        "Which call waits before the first recv(), or after a client has left: for a lock, a queue, a thread?",
        "A Lock is given back on every way out, continue and return too: `with lock:`. Taken a second time by the thread that holds it, "
        "it waits for ever: make it an RLock. A notify() for which nobody waits yet is lost: look at what has come before you wait, "
        "as wait_for() does, or use a queue.",
    ),
    ("03",),
)
STUCK_AT_THE_END = STUCK._replace(
    mistake="a thread does not end when its client has left: it has seen the end, and waits for something that does not come, such as "
    "a lock that was not given back"
)
STUCK_WITH_IT = STUCK._replace(
    mistake="the line was received, but nobody answers it, although others were answered: the code that should answer waits for "
    "something that does not come"
)
ANSWERS_THE_GONE = Diagnosis(
    "the answer went to a client that has left: all clients share the variable or queue that says who gets it",
    (
        "How does the sending code know whose line it answers? What else takes from the same queue, or sets the same variable?",
        "Pass the connection along with the line, as an argument; or use a queue for each client, which ends when the client "
        "has left.",
    ),
    ("03", "04"),
)
SERVES_NO_MORE = diagnosis.LOSES_WORKERS, STUCK, NOT_ACCEPTED_ANY_MORE, diagnosis.TURNED_AWAY


def who_locks(server):
    """Return LOCKED_OUT if a thread has received a line and does nothing, while another serving thread is blocked in send()."""
    events = diagnosis.events_of(server)
    last = {(event.pid, event.tid): event for event in events}
    received = any(event.kind == "receive" and event.end and event.bytes for event in last.values())
    sending = {who for who, event in last.items() if event.kind == "send" and event.end is None}
    reading = {(event.pid, event.tid) for event in events if event.kind == "receive"}  # excludes a thread that only sends for all
    return LOCKED_OUT if received and sending & reading else UNKNOWN


def who_is_stuck(server, client):
    """Return STUCK_WITH_IT if the thread that received this client's line has made no call since."""
    events = diagnosis.events_of(server)
    return STUCK_WITH_IT if has_a_line(events, client) else UNKNOWN


def nobody_reads_from(server, client):
    """Return whether a thread that served this client still exists, though nothing waits for the client's further bytes."""
    events = diagnosis.events_of(server)
    waiting = any(event.end is None and (event.kind == "wait" or event.kind == "receive" and event.peer == client) for event in events)
    served = {(event.pid, event.tid) for event in events if event.kind in ("receive", "send") and event.peer == client}
    return not waiting and any(os.path.exists(f"/proc/{pid}/task/{tid}") for pid, tid in served)


def asks_the_gone(server):
    """Return whether recv() has returned b"" for one client again and again."""
    events = server.events_since(server.events_since(sys.maxsize)[1] - diagnosis.RECENTLY)[0]
    ends = Counter(event.peer for event in events if event.kind == "receive" and event.end and not event.bytes)
    return max(ends.values(), default=0) > diagnosis.SURELY


def why_not_served(server, client):
    """Return why this client gets no answer, judged by what the accepting threads do now; UNKNOWN if that cannot be seen."""
    if not (server and server.watch and server.watchable and server.running):
        return UNKNOWN
    if asks_the_gone(server):
        return ASKS_THE_GONE
    if (locked := who_locks(server)) != UNKNOWN:
        return locked
    events = server.events()
    accepts = [event for event in events if event.kind == "accept" and event.peer]
    acceptors = {(event.pid, event.tid) for event in accepts}
    waiting = {(event.pid, event.tid): event.kind for event in events if event.end is None}
    wait_in = {waiting.get(who) for who in acceptors}  # None: the thread has ended, or is not in a network call
    is_accepted = client in {event.peer for event in accepts}
    if not is_accepted and in_another_queue(server, events, [client]):
        return IN_ANOTHER_QUEUE
    if not_told_of(server, events, [client]):
        return NOT_TOLD_OF
    readers = {event.peer for event in events if event.kind == "receive"}
    if went_to_the_gone(events, client):
        return ANSWERS_THE_GONE
    if client in readers and diagnosis.has_broken(events) and has_a_line(events, client):
        return diagnosis.LOSES_WORKERS
    if not readers or client in readers:
        return UNKNOWN
    if "reap" in wait_in and not is_accepted:  # perhaps in a signal handler, which interrupts accept()
        return how_it_waits(server)
    if not (wait_in == {"accept"} if is_accepted else None in wait_in and "accept" not in wait_in):
        return UNKNOWN  # one thread for all clients, which waits for one of them
    if diagnosis.has_broken(events):
        return diagnosis.LOSES_WORKERS if is_accepted or GIVES_BACK.search(diagnosis.text_of(server)) else diagnosis.BROKE_OFF
    return stuck_or_ended(events) if is_accepted else NOT_ACCEPTED_ANY_MORE if wait_in == {None} else UNKNOWN


def seen_the_end(server):
    """Return the threads that have received their client's end and still exist, with no network call since."""
    events = diagnosis.events_of(server)
    last = {(event.pid, event.tid): event for event in events}
    ended = {who for who, event in last.items() if event.kind == "receive" and event.end and not event.bytes}
    return {(pid, tid) for pid, tid in ended if os.path.exists(f"/proc/{pid}/task/{tid}")}


def went_to_the_gone(events, client):
    """Return whether, since this client's last bytes came, something was sent to a client that had already left."""
    came = max((number for number, event in enumerate(events) if event.peer == client and event.bytes), default=len(events))
    gone = {event.peer for event in events[:came] if event.kind == "receive" and event.end and not event.bytes}
    return any(event.kind == "send" and event.peer in gone for event in events[came:])


def has_a_line(events, client):
    """Return whether a thread has received something from this client, and made no network call since."""
    last = {(event.pid, event.tid): event for event in events}
    return any(event.kind == "receive" and event.end and event.bytes and event.peer == client for event in last.values())


def begun_since(events, clients):
    """Return how many threads and children were started since the first of these clients was accepted."""
    came = min((number for number, event in enumerate(events) if event.kind == "accept" and event.peer in clients), default=0)
    return sum(event.kind in ("thread start", "fork") for event in events[came:])


def at_once(events):
    """Return how many threads and processes are serving open connections."""
    return len(serving(events))


def serving(events):
    """Return the threads that serve an open connection, as (pid, tid)."""
    ended = {event.pid for event in events if event.kind == "exit"}
    last = {(event.peer, event.pid): event.kind for event in events if event.peer and event.pid not in ended}
    held = {copy for copy, kind in last.items() if kind != "close"}  # after a fork, each process has its own copy
    return {(event.pid, event.tid) for event in events if event.kind in ("receive", "send") and (event.peer, event.pid) in held}


def stuck_or_ended(events):
    """Return why an accepted client is not served: the threads that served others are stuck, or have ended."""
    idle = idle_workers(events)
    has_ended = idle and not any(os.path.exists(f"/proc/{pid}/task/{tid}") for pid, tid in idle)
    return WORKERS_END if has_ended else STUCK


def idle_workers(events):
    """Return the idle serving threads, if each has served only one client, and none was started for a client."""
    accepted = [event.peer for event in events if event.kind == "accept" and event.peer]
    served = {(event.pid, event.tid, event.peer) for event in events if event.kind == "receive" and event.peer in accepted}
    workers = {(pid, tid) for pid, tid, _ in served}
    idle = workers - serving(events)
    return idle if len(workers) == len(served) and not begun_since(events, accepted) else set()
