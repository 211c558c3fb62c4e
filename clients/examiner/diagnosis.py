"""From the evidence to the mistake: the server's own output, its calls, and what came instead of an answer.

The verdict never depends on the server's source text; the text may only decide between mistakes that all fit the evidence.
"""

import math
import re
import time
from typing import NamedTuple

from clients.examiner.requirements import UNKNOWN, Diagnosis
from clients.examiner.waiting import HAS_PROC, Waiting, is_ending

ENDING = 3 if HAS_PROC else 0.3  # seconds to wait for a server that has just failed its client: it may end
STAYS = 0.15  # seconds without any of its threads running, after which it will not end by itself
ERROR = re.compile(r"[\w.]*(Error|Exception|Interrupt)(:|$)")  # the last line of a traceback, by the name of the error
NAMED_OTHERWISE = re.compile(r"[\w.]+(:|$)")  # StopIteration, queue.Empty: the line after the last, indented frame
GROUPED = re.compile(r"^ +\| ")  # the prefix of each line of an error in an ExceptionGroup
RECENTLY = 2_000  # events
SURELY = 20  # times that recv() returns b"" for one client
BROKEN = "ECONNRESET", "EPIPE"  # the errors of a call whose client has reset the connection
ITS_PEERS = "ConnectionResetError", "BrokenPipeError"  # caused by the examiner, which disconnects when a requirement is not met

ENDED = Diagnosis(
    "the server ended without an error: it left its accepting loop",
    (
        "Which statement leaves the accepting loop: break, return, the end of a for? Or is there none? handle_request() of "
        "socketserver serves one client; serve_forever() is the loop.",
        "One client's end must not be the server's: leave that client's conversation, not the loop around it.",
    ),
    ("01",),
)
MAIN_THREAD_ENDED = Diagnosis(
    "the main thread ended while another thread was still accepting clients: daemon threads end with it, and so does the server",
    (
        "What is the last thing that the main thread does, and how long does it wait there?",
        "Let the main thread accept clients itself, or join() the thread that does, without a timeout.",
    ),
    ("03",),
)
ENDED_IN_ACCEPT = Diagnosis(
    "the process was ended while its main thread waited in accept(): os._exit(), in a thread or in a signal handler, ends all threads",
    (
        "Where is os._exit() or exit() called, and in which process? A thread is not a process of its own.",
        "os._exit() is for a forked child. A thread ends when its function returns.",
    ),
    ("02", "03"),
)
KILLED_BY_A_SIGNAL = Diagnosis(
    "a signal ended the server, and no handler caught it",
    (
        "What sends this signal? alarm() sends SIGALRM, kill() whatever it is told to; SIGSEGV is a crash inside Python or a "
        "library.",
        "signal.signal() sets a handler; without one, most signals end the process.",
    ),
    ("02",),
)
ERROR_ENDED_IT = Diagnosis(
    "this error left the accepting loop, and ended the server for everybody",
    (
        "Read the traceback from its last line upwards: print(server.log). Which loop does the error leave on its way?",
        "Catch what one client can cause around that client's conversation, inside the accepting loop.",
    ),
    ("01", "02"),
)
ITS_ERROR = Diagnosis(
    "this error ended the conversation, and nobody caught it",
    (
        "Read the traceback from its last line upwards: print(server.log). What was passed to the call that it could not take?",
        "A client may send anything: catch the error where only this client is affected.",
    ),
    ("02", "03"),
)
TAKEN_FOR_TEXT = Diagnosis(
    "bytes are taken for text, but not all bytes are UTF-8",
    (
        "What does bytes.decode() do with b'\\xff'? A text file (makefile('r')) decodes, too.",
        "A server that only passes bytes on need not decode them: use makefile('rb'), and bytes throughout. If it needs text, "
        "catch UnicodeDecodeError for each line by itself.",
    ),
    ("00", "02"),
)
TEXT_IS_NO_BYTES = Diagnosis(
    "a socket sends bytes, but was given text",
    ("What is the type of what you send?", "text.encode() turns text into bytes; b'...' is bytes from the start."),
    ("00",),
)
CLOSED_BY_ANOTHER = Diagnosis(
    "the connection was closed by the accepting thread, while another thread was still serving it",
    (
        "Which thread closes the connection, and when? Threads share it: there is only one.",
        "Let the thread that serves the client close it: `with connection:` belongs in its function. (After a fork it is "
        "different: parent and child have a copy each.)",
    ),
    ("03",),
)
ONE_CONNECTION = Diagnosis(
    "there is one connection for all: a variable that all clients share holds the latest one",
    (
        "How many connections does your server remember at the same moment? Is the variable global, an attribute that all "
        "share, or one that a lambda looks up when it runs?",
        "Pass the connection as an argument, or keep one for each client in a dictionary.",
    ),
    ("03", "04"),
)
TURNED_AWAY = Diagnosis(
    "the server closes this connection unserved, while it serves others: there is a limit to how many it takes",
    (
        "Which statement closes a connection right after accept(), and when is it reached?",
        "Is the limit intended? Then it has to be larger; and do not count the threads of clients that have left.",
    ),
    ("03",),
)
CLOSED_TOO_EARLY = Diagnosis(
    "a connection is used after it was closed",
    ("Who closes the connection, and who uses it afterwards?", "Close it at the end of the conversation, in one place."),
    ("01", "03"),
)
CLOSED_TWICE = Diagnosis(
    "a descriptor is closed twice: the second time its number belongs to the next client already, who loses the connection",
    (
        "How often is a client's descriptor closed, and who has its number after the first time?",
        "Close the socket object, once: connection.close(). Without detach() and os.close() it knows that it is closed.",
    ),
    ("02", "04"),
)
LISTENER_CLOSED = Diagnosis(
    "accept() was called on a listener that had been closed: inside the accepting loop, or by a child that goes on into the loop",
    (
        "Who closes the listener, and when? A `with listener:` closes it at the end of its block.",
        "The listener is opened before the loop and closed after it. A child closes its own copy, and never comes back to accept().",
    ),
    ("01", "02"),
)
LISTENER_SHUT = Diagnosis(
    "the listener was shut down: after a fork, shutdown() in one process ends it for all of them; close() gives up only that "
    "process's copy",
    (
        "Which process calls shutdown() on the listener? Which others have it?",
        "A child that does not need the listener closes its copy: listener.close(), without shutdown().",
    ),
    ("02",),
)
SHUT_BY_PARENT = Diagnosis(
    "the parent shuts the connection down: shutdown() ends it for the child as well; close() gives up only the parent's copy",
    (
        "What does the parent do with the connection after the fork? Which process still needs it?",
        "The parent calls connection.close(), without shutdown(): the child's copy stays open.",
    ),
    ("02",),
)
CLOSED_BUT_REGISTERED = Diagnosis(
    "a closed socket was left in the selector, or in the list for select()",
    (
        "What has to happen to a client's entry when the client has left?",
        "selector.unregister(connection) first, then connection.close(): the next client gets the same descriptor number.",
    ),
    ("04",),
)
LISTENER_TIMED_OUT = Diagnosis(
    "accept() timed out: a timeout (settimeout, setdefaulttimeout, server.timeout) ends the server when nobody comes for a while",
    (
        "Which line set a timeout on the listener? socket.setdefaulttimeout() sets it on every socket that is made later.",
        "Set the timeout on the connection, after accept(); the listener may wait for as long as nobody comes.",
    ),
    ("01",),
)
CLIENT_TIMED_OUT = Diagnosis(
    "a timeout on the connection: a client that is silent for a while loses it, or ends the server",
    (
        "Which line set a timeout on the connection: settimeout(), setdefaulttimeout(), wait_for(), select(), a Timer?",
        "A client may be silent for as long as it likes: leave the timeout out, or make it minutes. And catch TimeoutError around that "
        "one client's conversation.",
    ),
    ("01",),
)
WOULD_BLOCK = Diagnosis(
    "a non-blocking socket was used when it was not ready, and BlockingIOError was not expected",
    (
        "When may recv() or send() be called on a non-blocking socket? sendall() cannot be used on one at all.",
        "Wait until the selector says that the socket is ready; keep what send() did not take, and send it then.",
    ),
    ("04",),
)
WRONG_ARGUMENTS = Diagnosis(
    "the function could not be called: its arguments do not fit. args=(connection) is not a tuple; args=(connection,) is",
    (
        "Read the last line of the traceback: which function, and which arguments?",
        "args takes a tuple, args=(connection,): the comma makes it one. Count the function's parameters, too.",
    ),
    ("03",),
)
A_PAIR = Diagnosis(
    "accept() returns a pair, the connection and the client's address; the pair was used as the connection",
    ("What does accept() return? And recvfrom()?", "connection, address = listener.accept()"),
    ("01",),
)
A_PART_OF_A_PAIR = Diagnosis(
    "a pair was used as one of its two parts: recvfrom() returns (bytes, address), and over UDP self.request of a "
    "socketserver handler is (bytes, socket)",
    (
        "What does recvfrom() return? And what is self.request in a handler of a UDPServer?",
        "data, peer = sock.recvfrom(65535); in a handler: data, sock = self.request, then sock.sendto(answer, self.client_address).",
    ),
    ("01", "06"),
)
CHANGED_WHILE_USED = Diagnosis(
    "something that all clients share was changed while another thread was iterating over it",
    (
        "What else changes the list or dictionary while this loop runs?",
        "Hold one lock around both, or go over a copy: list(members).",
    ),
    ("03",),
)
NOT_SO_LONG = Diagnosis(
    "the line is longer than the reader allows",
    ("How long a line do readline() and readuntil() accept?", "asyncio.start_server(..., limit=...) sets it, in bytes."),
    ("05", "06"),
)
NOT_CLOSED = Diagnosis(
    "a connection is never closed: the parent keeps its copy, or the code that serves the client does not close it on every "
    "way out",
    (
        "What closes the connection when the client leaves? And when it breaks off?",
        "After a fork, two processes hold it, and each closes its own copy. A file of makefile() holds it, too. `with` closes on every "
        "way out.",
    ),
    ("02", "04", "13"),
)
RECURSES = Diagnosis(
    "a function calls itself for each client, and none of these calls returns: after some 1,000 clients Python's stack is full, and "
    "RecursionError ends the server",
    (
        "Which function calls itself, or a function that calls it again? When does the first of these calls return?",
        "Wait for the next client in a loop, while True, not by recursion.",
    ),
    ("01",),
)
TOO_MANY_OPEN = Diagnosis(
    "the process has reached its limit of open descriptors: what it opens for a client stays open after that client has left, or "
    "it serves more clients at once than its limit allows",
    (
        "How many descriptors does one client take, and which of them are closed when it leaves? `ls -l /proc/PID/fd` lists them.",
        "`with` closes on every way out. Without a free descriptor, accept() raises OSError: new clients then have to wait "
        "for one.",
    ),
    ("02", "04", "13"),
)
HALF_A_LINE_LEFT = Diagnosis(
    "the client left in the middle of a line, and the server did not expect that",
    (
        "What does your buffer hold when recv() returns b'' and no newline has come?",
        "The end is not a line. Leave this client's conversation, and drop the half line.",
    ),
    ("02", "06"),
)
END_RAISES = Diagnosis(
    "the client had left in order: at the end of the stream, readuntil() and readexactly() raise IncompleteReadError, and nothing "
    "catches it",
    (
        "What do readline(), readuntil() and readexactly() do when the client has left? Look into the log.",
        "Catch IncompleteReadError around the client's conversation: it is its end. Or call readline(), which returns b'' then.",
    ),
    ("05",),
)
BROKE_OFF = Diagnosis(
    "a connection that broke off raises ConnectionResetError or BrokenPipeError, and that ended more than this client's conversation",
    (
        "What do recv() and sendall() raise when the client has broken off? Look into the log.",
        "Catch ConnectionError around one client's conversation, so that only that client goes.",
    ),
    ("02", "06"),
)
SOCKET_TIMED_OUT = Diagnosis(
    "recvfrom() timed out: a timeout (settimeout, setdefaulttimeout) ends the server when nobody asks for a while",
    (
        "Which line set a timeout on the socket? socket.setdefaulttimeout() sets it on every socket that is made later.",
        "A server may wait for as long as nobody asks. If it wakes for something else, catch TimeoutError inside the loop.",
    ),
    ("01",),
)
REFUSED_ANSWER = Diagnosis(
    "a connected UDP socket is told when its client is gone: the next call on it raises ConnectionRefusedError, and that ended the server",
    (
        "Which socket was connected, and to whom? How does the kernel learn that nobody is there?",
        "Send with sendto() from the one unconnected socket; or catch ConnectionError around this one client.",
    ),
    ("01",),
)
NO_CHILD_LEFT = Diagnosis(
    "wait() and waitpid() raise ChildProcessError when no child is left; raised in a signal handler, it goes through the "
    "accepting loop",
    (
        "What does waitpid(-1, WNOHANG) do while children still serve, and what when there are none?",
        "Leave the reaping loop on both: when it returns (0, 0), and when it raises ChildProcessError.",
    ),
    ("02",),
)
KILLED_BY_PIPE = Diagnosis(
    "SIGPIPE ended it: writing to a connection whose client has gone raises this signal, unless it is ignored",
    ("Which signal ended the server?", "Ignore SIGPIPE (Python does, unless told otherwise): then send() reports EPIPE."),
    ("02",),
)

ERRORS = [  # (pattern for the traceback, Diagnosis); the first match counts
    (r"Unicode(De|En)codeError", TAKEN_FOR_TEXT),
    (r"bytes-like object is required, not 'str'|can't concat str to bytes|not 'str'$", TEXT_IS_NO_BYTES),
    (r"is already registered|descriptor cannot be a negative|Invalid file (object|descriptor)", CLOSED_BUT_REGISTERED),
    (r"select\.select\([^\n]*\n(.*\n)*.*Bad file descriptor|selectors?\.py(.*\n)*.*Bad file descriptor", CLOSED_BUT_REGISTERED),
    (r"in (sock_)?accept\n(.*\n)*.*Bad file descriptor", LISTENER_CLOSED),
    (r"in (sock_)?accept\n(.*\n)*.*Invalid argument", LISTENER_SHUT),
    (r"Bad file descriptor|closed file|not a socket", CLOSED_TOO_EARLY),
    (
        r"argument after \* must be an iterable|takes \w+ positional arguments? but|missing \d+ required positional",
        WRONG_ARGUMENTS,
    ),
    (r"in accept\n(.*\n)*.*(TimeoutError|timed out)", LISTENER_TIMED_OUT),
    (r"TimeoutError|timed out", CLIENT_TIMED_OUT),
    (r"BlockingIOError", WOULD_BLOCK),
    (r"'tuple' object has no attribute '(recv|send|close|makefile|fileno|set|shut)", A_PAIR),
    (r"'tuple' object has no attribute|object is required, not 'tuple'", A_PART_OF_A_PAIR),
    (r"changed (size )?during iteration|mutated during iteration", CHANGED_WHILE_USED),
    (r"LimitOverrunError|chunk is longer than limit|exceed the limit", NOT_SO_LONG),
    (r"Too many open files", TOO_MANY_OPEN),
    (r"RecursionError", RECURSES),
    (r"IncompleteReadError: 0 bytes", END_RAISES),
    (r"IncompleteReadError", HALF_A_LINE_LEFT),
    (r"ChildProcessError", NO_CHILD_LEFT),
    (r"ConnectionResetError|BrokenPipeError|ConnectionAbortedError|ConnectionRefusedError", BROKE_OFF),
    (r"cannot schedule new futures after|can't (create|start) new thread at interpreter", MAIN_THREAD_ENDED),
]


NEVER_AWAITED = re.compile(r"RuntimeWarning: coroutine .* was never awaited")
NOT_AWAITED = Diagnosis(
    "a coroutine was called but not awaited: calling it makes it, but does not run it",
    (
        "What does calling an async def give you? What runs it?",
        "Await it, in an async def; or pass the async def itself to start_server(), which makes a task of it.",
    ),
    ("05",),
)
LEFT_UNSEEN = Diagnosis(
    "the line was received, and then the conversation ended without an answer: through an error that nothing shows, or a "
    "wrong turn",
    (
        "What would show an error here? A pool's submit() keeps it in the Future until result() is called; `except: pass` "
        "drops it.",
        "Print what was received, and follow it from there: which line is the last that runs?",
    ),
    ("03",),
)
NOT_CALLED = Diagnosis(
    "the connection was closed, and nobody had read from it: the code that should serve the client was never called, or "
    "returned at once",
    (
        "Which function should call recv() for this client? Print a word there: is it ever reached?",
        "In socketserver, handle() serves the client. If the handler has an __init__ of its own, it must call "
        "super().__init__(), which calls handle().",
    ),
    ("03", "06"),
)
NOBODY_LISTENS = Diagnosis(
    "nobody listens at its port any more: the server has ended, or it closes the listener while it serves a client",
    (
        "Does the server still run? What did it print last? And does anybody listen at its port (`ss -ltn`)?",
        "The listener is opened once, and stays open; one client's end, or its error, ends that client's conversation alone. "
        "(In C, writing to a client that has gone raises SIGPIPE, which ends the program unless it is ignored.)",
    ),
    ("01",),
)
LISTENS_NO_MORE = NOBODY_LISTENS._replace(
    mistake="nobody listens at its port any more, though the server runs on: with one client's conversation, it has closed its listener",
    hints=(
        "Which line closes the listener: close() of the server or its socket, server_close(), the end of a `with`? When is it reached?",
        "When a client has left, close its connection alone. The listener is opened once, and stays open.",
    ),
)
GENERAL = ENDED, ERROR_ENDED_IT, ITS_ERROR, NOBODY_LISTENS
ENDS_BY_ITSELF = ENDED, ENDED_IN_ACCEPT, MAIN_THREAD_ENDED
WITHOUT_ERROR = LEFT_UNSEEN, NOT_CALLED  # the Diagnosis if the server shows no error
OVER_UDP = {LISTENER_TIMED_OUT: SOCKET_TIMED_OUT, CLIENT_TIMED_OUT: SOCKET_TIMED_OUT, BROKE_OFF: REFUSED_ANSWER, A_PAIR: A_PART_OF_A_PAIR}
TIMED_OUT = LISTENER_TIMED_OUT, SOCKET_TIMED_OUT  # a server that catches TimeoutError around its loop ends without an error


def best(said, seen, usual_then, usual):
    """Combine four Diagnoses: by the server's own output, by what was seen, the usual one for that kind of evidence, the usual one.

    The server's own output comes first, unless it is vague and what was seen is more specific.
    """
    if said in GENERAL and seen.hints and seen not in WITHOUT_ERROR or said == ENDED and usual_then in TIMED_OUT:
        said = UNKNOWN
    return said.or_else(seen).or_else(usual_then).or_else(usual)


class Statement(NamedTuple):
    """The last output of a server that failed, in words, and its Diagnosis."""

    words: str = ""
    diagnosis: Diagnosis = UNKNOWN


def statement(server, since=0, until=None):
    """Return how the server ended, and the last error that it printed after the first `since` characters of its log.

    until   the length of its log when it failed, if it was running and at rest then: later output cannot be the cause
    """
    waiting = Waiting(server, ENDING, at_rest=STAYS)
    while until is None and server.running and (is_ending(server) or not waiting.is_over):
        time.sleep(0.01)
    has_ended = until is None and not server.running
    said = [f"Your server has {server.state}."] if has_ended else []
    log = server.log[since:until]
    traceback = last_traceback(log, has_ended) or (has_ended and last_traceback(server.log, has_ended))
    if traceback:
        line = place(server, traceback)
        said.append(f"Its last error: {traceback.splitlines()[-1]}" + (f" ({line})" if line else ""))
    if warning := NEVER_AWAITED.search(log):
        return Statement("\n".join([*said, warning[0]]), NOT_AWAITED)
    return Statement("\n".join(said), meaning(server, traceback, has_ended))


def last_traceback(log, with_its_peers):
    """Return the last traceback of a log, without connection errors (the examiner causes those) unless `with_its_peers`."""
    lines = [GROUPED.sub("", line) for line in log.splitlines()]
    for number in range(len(lines) - 1, -1, -1):
        behind_a_frame = number and lines[number - 1].startswith("    ") and NAMED_OTHERWISE.match(lines[number])
        if (behind_a_frame or ERROR.match(lines[number])) and (with_its_peers or not lines[number].startswith(ITS_PEERS)):
            start = next((n for n in range(number, -1, -1) if lines[n].startswith("Traceback ")), number)
            return "\n".join(lines[start : number + 1])
    return ""


def place(server, traceback):
    """Return the last line of the learner's own code in the traceback; "" if there is none."""
    cell = [line.strip() for line in traceback.splitlines() if line.startswith(f'  File "%%server {server.name}"')]
    if cell:
        return f"{cell[-1].split(', ')[1]} of the cell"
    path = server.path and server.path.resolve()
    own = [line.strip() for line in traceback.splitlines() if path and line.startswith(f'  File "{path}"')]
    return f"{own[-1].split(', ')[1]} of {server.path.name}" if own else ""


def meaning(server, traceback, has_ended):
    """Return the Diagnosis of a server's own error, or of its end."""
    if not traceback:
        if has_ended and "SIGPIPE" in server.state:
            return KILLED_BY_PIPE
        if not has_ended:
            return UNKNOWN
        if "signal" in server.state:
            return KILLED_BY_A_SIGNAL
        if accept_timed_out(server):
            return LISTENER_TIMED_OUT
        accepting = in_accept_at_the_end(server)
        return ENDED if not accepting else ENDED_IN_ACCEPT if True in accepting else MAIN_THREAD_ENDED
    found = next((diagnosis for pattern, diagnosis in ERRORS if re.search(pattern, traceback)), None)
    if found is CLOSED_TOO_EARLY:
        found = who_closed(server).or_else(CLOSED_TOO_EARLY)
    return told_of(server.kind, found) or (ERROR_ENDED_IT if has_ended else ITS_ERROR)


def told_of(kind, found):
    """Return the Diagnosis in words that fit this kind of server: UDP has one socket, and neither accept() nor connections."""
    return OVER_UDP.get(found, found) if kind == "udp" else found


def accept_timed_out(server):
    """Return whether the last accept() of the server's own process ended in a timeout."""
    accepts = [event for event in events_of(server) if event.kind == "accept" and event.pid == server.pid and event.end]
    return bool(accepts) and accepts[-1].detail == "ETIMEDOUT"


def in_accept_at_the_end(server):
    """Return the set of threads waiting in accept() when the server's process ended: True for the main thread, False for others."""
    events = events_of(server)
    events = [event for event in events if event.pid == server.pid]
    ended = min((event.start for event in events if event.kind == "exit"), default=math.inf)
    return {event.tid == event.pid for event in events if event.kind == "accept" and (event.end is None or event.end >= ended)}


def who_closed(server):
    """Return the Diagnosis if a connection was closed by a thread that never served it; UNKNOWN otherwise."""
    events = [event for event in events_of(server) if event.peer]
    accepted = {event.peer: (event.pid, event.tid) for event in events if event.kind == "accept"}
    served = {(event.peer, event.pid, event.tid) for event in events if event.kind in ("receive", "send")}
    servers = {(pid, tid) for _, pid, tid in served}
    if two_read_one(events):
        return ONE_CONNECTION
    for event in events:
        who = event.pid, event.tid
        if event.kind != "close" or event.peer not in accepted or (event.peer, *who) in served:
            continue
        if who in servers and who != accepted[event.peer]:
            own = [peer for peer, *thread in served if tuple(thread) == who]
            closed = {earlier.peer for earlier in events if earlier.kind == "close" and earlier.start < event.start}
            return CLOSED_TWICE if len(own) == 1 and own[0] in closed else ONE_CONNECTION
        if who == accepted[event.peer] and (turned := turned_away(events, event.peer)) != UNKNOWN:
            return turned
        if who == accepted[event.peer] and any(pid == event.pid for pid, tid in servers if (pid, tid) != who):
            return CLOSED_BY_ANOTHER
    return UNKNOWN


def parent_shuts(server):
    """Return whether a process that forks has shut down a connection that it accepted but never served."""
    events = events_of(server)
    forks = {event.pid for event in events if event.kind == "fork"}
    served = {(event.peer, event.pid) for event in events if event.kind in ("receive", "send")}
    shut = {(event.peer, event.pid) for event in events if event.kind == "shutdown" and event.peer and event.pid in forks}
    return bool(shut - served)


def turned_away(events, client):
    """Return the Diagnosis if the accepting thread turned this client away unread, while others were served; UNKNOWN otherwise."""
    accepts = {event.peer: (event.pid, event.tid) for event in events if event.kind == "accept" and event.peer}
    read = {(event.peer, event.pid, event.tid) for event in events if event.kind == "receive"}
    readers = {peer for peer, *_ in read}
    if client in readers or client not in accepts:
        return UNKNOWN
    acceptor = accepts[client]
    ended = {event.peer for event in events if event.kind in ("send", "close") and (event.pid, event.tid) == acceptor}
    unserved = {peer for peer in ended if (peer, *acceptor) not in read}  # a parent closes its copy of every connection
    others = {peer for peer, who in accepts.items() if who == acceptor and peer in readers} - unserved
    if client not in ended or len(others) < 2:
        return UNKNOWN
    return LOSES_WORKERS if has_broken(events) else TURNED_AWAY


def two_read_one(events):
    """Return whether two threads of a process waited for the same client's bytes at once, while no thread read from another client."""
    reads = sorted((event for event in events if event.kind == "receive" and event.peer), key=lambda event: event.start)
    if {event.peer for event in events if event.kind == "accept" and event.peer} <= {event.peer for event in reads}:
        return False
    last = {}  # the thread that last read from a client, and until when
    for event in reads:
        of = event.pid, event.peer
        tid, end = last.get(of, (event.tid, 0))
        if tid != event.tid and event.start < end:
            return True
        if (until := math.inf if event.end is None else event.end) >= end:
            last[of] = event.tid, until
    return False


def events_of(server):
    """Return the events of a server; none if it is only an address, or is not watched."""
    return server.events() if server and server.watch else []


def text_of(server):
    """Return the source text of a server, for choosing words; "" if the server is only an address, or is no script."""
    if server is None:
        return ""
    try:
        return server.source or server.path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, AttributeError):
        return ""


LOSES_WORKERS = Diagnosis(
    "clients are not served any more since some have broken off: the error skips the line that gives back what was taken for "
    "the client: a worker of a pool, a slot of a semaphore, a lock, a count of clients",
    (
        "After a client has broken off, is the lock free, and how many workers or slots are left? Which lines does the error "
        "skip?",
        "Catch the error around one client's conversation, inside the worker's loop; give back what you took in finally, or "
        "use `with`.",
    ),
    ("03",),
)


def has_broken(events):
    """Return whether a call failed because its client had reset the connection."""
    return any(event.detail in BROKEN for event in events)
