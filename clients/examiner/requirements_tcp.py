"""What a TCP server that answers lines is asked for, over the wire alone."""

import contextlib
import functools
import itertools
import re
import select
from contextlib import ExitStack

from clients.examiner import diagnosis
from clients.examiner.peers import HALF, LONGEST, Instead, kind_of, shown
from clients.examiner.requirements import UNKNOWN, Diagnosis, NotAsked, NotMet, requirement
from clients.examiner.waiting import HAS_PROC

VISITS = 40  # clients that come one after another: enough that a server which deals them out by chance shows it
LONG = 60_000  # bytes in a long line; the course's servers take 65,536
FULL = 10_000, 16_384  # bytes in a line, with its newline, that fill the usual buffers, 1,000 or 1,024 for one, to the last byte
FLOOD = 1_000  # lines of 4,000 bytes: more than all buffers between a narrow client and a server hold
MORE = 50  # lines that are sent when the buffers are full
SPILL = 40  # lines of 1,000 bytes: more than the buffer of a file holds, io.DEFAULT_BUFFER_SIZE
POKES = 20  # newlines, one by one, that wake a server which has more to read
NOTED = 0.2  # seconds at rest, in which a server notes what its clients have seen already
STILL_AT_REST = 0.7  # seconds in which nothing more comes from a server that has been silent already
POURS = 5  # times, at most, that a client which does not read tries to send more
PAUSES = 10  # clients of whom most are answered late, of a server that pauses
STAYING = 6  # clients who come one after another, and stay
A_PAUSE, LOOKS = 0.03, 30  # seconds between two looks at a server that has not answered yet; so many at most
RESETS = 12  # clients that break off one after another: more than a small pool has workers

UNFLUSHED = Diagnosis(
    "the answer is written to a file, and stays in its buffer: nobody flushes it",
    (
        "Where is the answer between write() and the wire?",
        "A file of makefile() keeps what is written until its buffer is full: flush() after each answer, or sendall() instead.",
    ),
    ("06",),
)
READS_TO_THE_END = Diagnosis(
    "the server reads until the client has sent its last byte, and only then answers",
    (
        "Which call waits for the end: read(), readlines(), or a loop that gathers until recv() returns b''?",
        "A line ends with its newline. Answer it as soon as that has come.",
    ),
    ("00", "06"),
)
NOT_ACCEPTED = Diagnosis(
    "the client was never accepted: the server listens, and nobody calls accept()",
    ("What does the server wait for, while a client waits for it?", "listen() opens the queue; accept() takes a client out of it."),
    ("01",),
)
NOT_READ = Diagnosis(
    "the client was accepted, and nobody reads what it sends",
    (
        "Who calls recv() for this client? Was its thread started, its child forked, its coroutine awaited, its socket registered?",
        "Nothing happens with a connection until somebody who has it calls recv().",
    ),
    ("01", "03"),
)
KEPT_BY_A_POOL = Diagnosis(
    "the client was accepted, and nobody reads what it sends: an error came before the first recv(), and the pool keeps it to itself",
    (
        "Who would show an error here? submit() of a pool keeps it in the Future, apply_async() in its result: ask for it.",
        "Does the function take what submit() hands over? A pool of processes has to pickle that, too.",
    ),
    ("03",),
)
WAITS_FOR_OTHERS = Diagnosis(
    "the client was accepted, and nobody reads what it sends before other clients have come",
    (
        "How many clients does your server accept before it serves the first?",
        "Somebody serves each client as soon as accept() has returned it.",
    ),
    ("01",),
)
SKIPS_LINES = Diagnosis(
    "every second line is answered: two calls read a line each, and what one of them returns is dropped",
    (
        "How many calls read from the client in one turn of your loop? What becomes of what each of them returns?",
        "Read in one place, keep the line in a variable, and answer it: for line in connection.makefile('rb').",
    ),
    ("00", "06"),
)
WANTS_CRLF = Diagnosis(
    "the server waits for \\r\\n; a line here ends with \\n alone",
    ("At which bytes does your server cut the stream into lines?", "The newline, b'\\n', ends a line; nc sends no \\r either."),
    ("00",),
)
READS_A_NUMBER = Diagnosis(
    "the server waits for a fixed number of bytes: read(n) of a file, readexactly(n) and MSG_WAITALL return when all n have come",
    (
        "How many bytes does the call that reads wait for? How many does a line have?",
        "recv(n) returns what is there, at most n bytes; readline() returns when the newline has come.",
    ),
    ("00", "06"),
)
NO_ANSWER = Diagnosis(
    "the line was received, and no answer was sent",
    ("What does the server do when recv() has returned?", "Print what it has received, and follow it from there."),
    ("01",),
)
NO_NEWLINE = Diagnosis(
    "the answer has no newline at its end, so the client waits for the rest of the line",
    ("How does the client know where the answer ends?", "A line is answered with a line: data + b'\\n'."),
    ("00",),
)
OUT_OF_ORDER = Diagnosis(
    "all answers come, in another order than the lines: several threads or tasks answer one client, each when its turn comes",
    (
        "How many threads or tasks send to the same client? Who says which of them is first?",
        "One thread or task, or one queue, for all answers to one client.",
    ),
    ("03", "05"),
)
CLOSES_AT_ONCE = Diagnosis(
    "the connection is closed before the line is answered",
    (
        "Who closes the connection, and when? A `with connection:` closes it at the end of its block.",
        "Whoever serves the client closes the connection, when the client has left.",
    ),
    ("01", "03"),
)
PRINTS_IT = Diagnosis(
    "the line was received and printed, and no answer was sent: print() shows it to you, in the terminal, and the client is not told",
    (
        "Who reads what print() writes? And where does the client read?",
        "What the client is to get goes through its connection: connection.sendall(line).",
    ),
    ("01",),
)
ONE_ANSWER_CUT = Diagnosis(
    "one answer, without a newline at its end, and then the server hangs up: strip() took the newline off, and nobody calls recv() again",
    (
        "How does the client know where the answer ends? And what does the server do when it has sent it?",
        "Receive and answer in a loop, until recv() returns b''; and a line is answered with a line: data + b'\\n'.",
    ),
    ("00", "01"),
)
CHANGES_LETTERS = Diagnosis(
    "the answer is not the line that was sent: its letters are changed, by upper(), lower() or their like",
    (
        "Compare the answer with the line, letter by letter.",
        "The answer to a line is the line, nothing else: send the bytes as they came.",
    ),
    ("00", "01"),
)
CUT_AT_BLANKS = Diagnosis(
    "a line ends with its newline; split() without an argument cuts at each blank as well, and makes a line of each word",
    ("At which bytes does your server cut what it has received?", "split(b'\\n') cuts at newlines alone; so does readline()."),
    ("00",),
)
NEWLINE_TWICE = Diagnosis(
    "an empty line comes behind each answer: the line still has its newline, and a second one is put behind it",
    (
        "What is the last byte of what readline() returns?",
        "Take the newline off before you add one: line.removesuffix(b'\\n') + b'\\n'.",
    ),
    ("00",),
)
LATE = Diagnosis(
    "the server pauses before it answers, and computes nothing meanwhile: time.sleep(), in whatever serves or accepts the clients, "
    "or a call that waits for something else than the client",
    (
        "Which call waits, though the client's line has long come? Look for sleep(), and for timeouts that have to pass first.",
        "accept(), recv() and select() wait by themselves, and return as soon as something has come: no sleep() beside them.",
    ),
    ("01", "04", "05"),
)
NOT_ASKED_FOR = Diagnosis(
    "the server waits in its selector, and the selector does not tell of this client any more: it was told to tell once "
    "(EPOLLONESHOT), or its entry was taken out or changed after the first answer",
    (
        "After the first answer: which sockets does your selector watch, and for what?",
        "Without EPOLLONESHOT it tells each time; with it, modify() after each answer. unregister() is for those that have left.",
    ),
    ("04",),
)
ANSWERS_ONCE = Diagnosis(
    "the server answers once for each connection, and then goes back to accept(), or hangs up; a client may send many lines",
    (
        "What does your server do after its first answer? Whose turn is it then?",
        "Receive and answer in a loop, until recv() returns b''.",
    ),
    ("01",),
)
SHARED_BUFFER = Diagnosis(
    "there is one buffer for all clients: half a line of one is put in front of another's",
    (
        "How many clients share the buffer? What is in it when one has sent half a line?",
        "One buffer for each connection, and it goes when the client has left.",
    ),
    ("04",),
)
MIXED = Diagnosis(
    "what one client's thread has read, another one replaces before it is answered: they share the variable",
    (
        "Which of your variables do all threads share? Global ones, and attributes of what they all know.",
        "What belongs to one client is kept in local variables, or in an object made for that client.",
    ),
    ("03",),
)
RECV_IS_A_LINE = Diagnosis(
    "each recv() is taken for a line. TCP keeps no messages apart: a line may come in two pieces, and a piece may hold two lines",
    (
        "How much of a line does one recv() give you? TCP does not say.",
        "Keep what has no newline yet, and put the next piece behind it. Or let readline() of a file do that.",
    ),
    ("00", "06"),
)
PAUSE_IS_THE_END = Diagnosis(
    "a pause is taken for the end of the line: what has come is answered when nothing more comes for a moment",
    (
        "How does your server know that a line is whole: by a newline, or by a timeout?",
        "A client may pause in the middle of a line, for as long as it likes. Keep what has come until the newline has.",
    ),
    ("00", "06"),
)
FORGETS_THE_FIRST_HALF = Diagnosis(
    "what has no newline yet is thrown away, or forgotten when the next piece comes",
    ("Where is the first half of the line when the second comes?", "Keep it, for each client, until its newline has come."),
    ("04", "06"),
)
FIRST_LINE_ONLY = Diagnosis(
    "only the first line of a piece is answered; what came behind it is thrown away",
    (
        "Two lines may come in one piece. How many answers does your server send then?",
        "Split what has come at each newline, and answer every part; what is behind the last newline has to wait.",
    ),
    ("00", "06"),
)
ONE_LINE_EACH_TIME = Diagnosis(
    "one line is answered for each piece; what came behind it waits until the client sends something more",
    (
        "Two lines may come in one piece. What makes your server look at the second?",
        "while instead of if: answer as long as there is a newline in the buffer, then receive again.",
    ),
    ("00", "06"),
)
TEXT_FILE = Diagnosis(
    "a text file for reading and writing, makefile('rw'), drops what it has read ahead when something is written to it",
    (
        "Two lines may come in one piece: the file has read both. Where is the second one after write()?",
        "Two files, makefile('rb') and makefile('wb'), or one for reading and sendall(). Bytes need no text file.",
    ),
    ("06",),
)
A_FILE_EACH_TIME = Diagnosis(
    "makefile() is called anew for each line, and what the last file had read ahead is lost with it",
    (
        "How much does a file read at once, and where is what it has not given you yet when a new file is made?",
        "One file for each connection, made once: for line in connection.makefile('rb').",
    ),
    ("06",),
)
EMPTY_IS_THE_END = Diagnosis(
    "an empty line is taken for the end. The end is recv() or readline() returning b'', with no newline",
    (
        "What is b'\\n' after strip()? And what does `if not line` say of it?",
        "Compare what was read, before anything is taken off: b'' is the end, b'\\n' is an empty line.",
    ),
    ("00", "06"),
)
EMPTY_IS_SKIPPED = Diagnosis(
    "an empty line is not answered: it is a line like any other",
    ("What does `if line:` say of an empty line?", "split(b'\\n') gives one part more than there are lines; only the last is no line."),
    ("00", "06"),
)
STRIPS = Diagnosis(
    "blanks belong to a line; strip() takes them off with the newline",
    ("What does strip() take off, besides the newline?", "removesuffix(b'\\n') takes off the newline alone."),
    ("00",),
)
SPLITS_WORDS = Diagnosis(
    "blanks belong to a line; split() and join() make one of several, and of tabs",
    ("What is left of two blanks after split() and join()?", "Answer the bytes that came; split a copy of them to find a command."),
    ("00",),
)
SPLITS_LINES = Diagnosis(
    "\\r is taken for a line's end, too, by splitlines() or by a text file, makefile('r'): only the newline ends a line here",
    (
        "At which bytes does splitlines() split? And what does a text file without newline='\\n' make of \\r?",
        "split(b'\\n') splits at newlines alone; so does a file for bytes, makefile('rb').",
    ),
    ("00",),
)
CARRIAGE_RETURN_LOST = Diagnosis(
    "a \\r at the end of a line belongs to it; strip() and rstrip(b'\\r\\n') take it off with the newline",
    ("Which bytes does rstrip() take off, besides the newline?", "removesuffix(b'\\n') takes off the newline alone."),
    ("00",),
)
TWO_ENCODINGS = Diagnosis(
    "bytes are decoded in one encoding, and encoded in another: one byte becomes two",
    (
        "Which encoding does decode() take, and which encode()? UTF-8 is what both take when you name none.",
        "A server that only passes bytes on need not decode them.",
    ),
    ("00",),
)
ZERO_ENDS_IT = Diagnosis(
    "a zero byte is taken for the end: strlen() and printf() of C stop there",
    ("How does your server know how many bytes it has to send?", "Send as many bytes as recv() or getline() said it has read."),
    ("00",),
)
DECODES_LENIENTLY = Diagnosis(
    "bytes are taken for text, and what its encoding (UTF-8, ASCII) does not have is replaced or left out",
    (
        "What becomes of b'\\xff' with errors='replace' or 'ignore'?",
        "A server that only passes bytes on need not decode them.",
    ),
    ("00", "02"),
)
TOO_SHORT = Diagnosis(
    "there is a limit to what one recv() or readline() gives; the rest of the line comes with the next",
    ("How long a line fits into one recv() of your server?", "Go on receiving until the newline has come."),
    ("00", "06"),
)
SHORT_IS_THE_END = Diagnosis(
    "a recv() that returns less than it could is taken for the end: a line that fills the buffer to its last byte is not answered, "
    "since the server waits for more",
    (
        "How does your server know that a line is whole? What if the line has as many bytes as recv() was asked for?",
        "The newline ends a line, however many bytes recv() has returned.",
    ),
    ("00", "06"),
)
EDGE_TRIGGERED = Diagnosis(
    "the selector is edge-triggered (EPOLLET): it tells once that data have come, and the server reads only a part of them",
    (
        "How often does epoll tell that there is something to read? And how much is left after one recv()?",
        "After each edge, call recv() until it raises BlockingIOError; or be level-triggered, without EPOLLET.",
    ),
    ("04",),
)
UNANSWERED = FIRST_LINE_ONLY, ONE_LINE_EACH_TIME, TEXT_FILE, A_FILE_EACH_TIME, EDGE_TRIGGERED  # lines that came together
HANGS_UP = Diagnosis(
    "the server hangs up when its client finishes (recv() returns b'', or EPOLLRDHUP is taken for the end), or forgets what it "
    "could not send at once",
    (
        "The client has said that it will send no more, and it still reads. What is still to be sent then?",
        "Read until recv() returns b'', send what is still to be sent, and close the connection then.",
    ),
    ("02", "06"),
)
LINGERS_NOT = Diagnosis(
    "the connection is broken off by a reset, which drops what was not yet sent: SO_LINGER of 0 s, or a close with something unread",
    (
        "What becomes of answers that are still in the socket's buffer when it is closed?",
        "Without SO_LINGER close() returns at once, and the kernel still sends what is in the buffer. Read to the end, b'', before it.",
    ),
    ("02", "13"),
)
NEVER_CLOSED = Diagnosis(
    "nobody closes the connection, or some process still holds a copy of it: a child that inherited it, for one",
    (
        "The client has said that nothing more will come: recv() returns b''. What does your server do then?",
        "The client sees the end when the last copy of the connection is closed. Who holds one?",
    ),
    ("02", "06"),
)
SENDS_A_PART = Diagnosis(
    "send() says how much it took; the rest was never sent",
    (
        "send() may send less than you gave it. What does it return?",
        "sendall() sends the rest too. On a socket that does not block it cannot: keep the rest, and send it when there is room.",
    ),
    ("02", "04", "13"),
)
GIVES_UP = Diagnosis(
    "the server closes the connection of a client that is slow to read, before all its answers are sent: a timeout or a limit ends it, "
    "or the BlockingIOError of a socket that does not block",
    (
        "Which timeout holds for sendall()? settimeout() counts for sending, too. What does send() raise on a socket that does not block, "
        "when there is no room?",
        "A client may read late: wait for it, and read no more from it meanwhile. A limit to that is counted in minutes.",
    ),
    ("04", "06"),
)
WAITS_IN_SEND = Diagnosis(
    "the server waits in send() for a client that does not read",
    (
        "A socket's buffer is full when the other side does not read. What does sendall() do then?",
        "In a loop that serves all: sockets that do not block, and what is unsent kept until the selector says that there is room.",
    ),
    ("04",),
)
STR_OF_BYTES = Diagnosis(
    "str() of bytes is how Python writes them, b'hello': it does not decode them",
    ("What does print(str(b'hello')) show?", "data.decode() gives the text. Better: send the bytes as they came."),
    ("00",),
)
CARRIAGE_RETURN = Diagnosis(
    "the answer ends in \\r\\n: the line that was sent had no \\r",
    ("Which bytes stand at the end of the answer?", "A text file with newline='\\r\\n', or your own b'\\r\\n', adds one."),
    ("00",),
)
SPEAKS_FIRST = Diagnosis(
    "something else comes before the answer: a greeting, a prompt, or an answer to what nobody asked",
    ("What does the client get before it has sent anything?", "The answer to a line is the line, nothing else: send nothing unasked."),
    ("00",),
)
TO_ALL = Diagnosis(
    "an answer goes to all clients, not only to the one who asked",
    (
        "To how many connections does your server send an answer?",
        "Send it to the connection from which the line came. (A chat sends to all; this is none.)",
    ),
    ("03", "12"),
)
BUT_MORE = Diagnosis(
    "the line is in the answer, and not alone: something stands before or behind it",
    ("Compare the answer with the line, byte by byte.", "The answer to a line is the line, nothing else."),
    ("00",),
)
AROUND = {'"b\'hello\'"': STR_OF_BYTES, "'hello\\r'": CARRIAGE_RETURN}  # what came instead of 'hello', as it is shown
WRITES_AND_READS_TEXT = re.compile(r"""makefile\(\s*(?:mode\s*=\s*)?["'](rw|wr|r\+|w\+)["']""")


READS_SO_MANY = re.compile(r"\.(read|readexactly|readinto)\(\s*\w|MSG_WAITALL")
KEEPS_ERRORS = re.compile(r"\.(submit|apply_async|map_async|run_in_executor)\(")
FILE_FOR_A_LINE = re.compile(r"makefile\([^)]*\)\.readline")
WRITES_TO_A_FILE = re.compile(r"""makefile\([^)]*["']\w*w""")


def but(problem, meaning):
    """The same problem with another meaning, where there is one."""
    if meaning and meaning != UNKNOWN:
        problem.diagnosis = meaning
    return problem


@requirement(
    "answers",
    "the answer is not the line that was sent",
    ["Try it by hand first: nc 127.0.0.1 PORT, then type a line.", "Compare the answer with the line, byte by byte."],
    ["00", "01"],
    {"half": NO_NEWLINE, "end": CLOSES_AT_ONCE, "reset": CLOSES_AT_ONCE, "nothing": NO_ANSWER},
)
def answers(exam):
    """a line is answered, and the next one too"""
    with exam.visit("Ann") as ann:
        try:
            exam.hello(ann)
        except NotMet as problem:
            if problem.kind == "nothing":
                raise but(problem, why_nothing(exam, ann)) from None
            if problem.kind == "half":  # a right answer as far as it goes
                raise
            if problem.kind in ("end", "reset"):
                if was_shut_by_parent(exam):
                    raise but(problem, diagnosis.SHUT_BY_PARENT) from None
                if b"hello" in ann.came.lower():
                    raise but(problem, ONE_ANSWER_CUT) from None
                made = tuple(sorted(calls(exam, ann) - {"shutdown"}))
                meaning = {("accept",): diagnosis.NOT_CALLED, ("accept", "receive"): diagnosis.LEFT_UNSEEN}
                raise but(problem, meaning.get(made, UNKNOWN)) from None
            if problem.kind == "other" and ann.line() == exam.answer(b"hello"):
                raise but(problem, SPEAKS_FIRST) from None
            case = CHANGES_LETTERS if problem.came.lower() == "'hello'" else UNKNOWN
            raise but(problem, AROUND.get(problem.came, BUT_MORE if "hello" in problem.came else case)) from None
        try:
            exam.hello(ann, b"Hello again")  # a capital letter, too
        except NotMet as problem:
            meaning = ANSWERS_ONCE if problem.kind in ("nothing", "end", "reset") else UNKNOWN
            if problem.came == "''" and ann.line() == exam.answer(b"Hello again"):
                meaning = NEWLINE_TWICE
            elif problem.came == "'Hello'":
                meaning = CUT_AT_BLANKS
            elif problem.came.lower() == "'hello again'":
                meaning = CHANGES_LETTERS
            if problem.kind == "nothing" and diagnosis.is_in_selector(exam.server) and exam.received(ann) <= len(b"hello\n"):
                meaning = NOT_ASKED_FOR
            if problem.kind in ("end", "reset") and was_shut_by_parent(exam):  # after a first answer, if the child was quick
                meaning = diagnosis.SHUT_BY_PARENT
            raise but(problem, meaning) from None


def was_shut_by_parent(exam):
    """Whether that is why a connection has ended, which its client may see before the server's note of it."""
    return exam.shows_calls and exam.until(lambda: diagnosis.parent_shuts(exam.server), at_rest=NOTED)


def why_nothing(exam, ann):
    """Why nothing comes back: by the server's calls, and by what does make it answer."""
    if exam.shows_calls:
        made = calls(exam, ann)
        if "accept" not in made:
            return NOT_ACCEPTED
        if "receive" not in made and any(event.kind == "receive" and event.peer == ann.local for event in exam.server.events()):
            return READS_A_NUMBER  # it has been called, and is not content with a line
        if "receive" not in made:
            if comes_with_others(exam, ann):
                return WAITS_FOR_OTHERS
            return KEPT_BY_A_POOL if KEEPS_ERRORS.search(diagnosis.text_of(exam.server)) else NOT_READ
        if "send" in made:
            return diagnosis.ONE_CONNECTION
    ann.send(b"hello\r\n")
    if comes(ann):
        return SKIPS_LINES if answers_the_second(exam, ann) else WANTS_CRLF
    ann.send((b"." * 999 + b"\n") * SPILL)
    if comes(ann):
        return READS_A_NUMBER if READS_SO_MANY.search(diagnosis.text_of(exam.server)) else UNFLUSHED
    ann.finish()
    if not comes(ann):
        return PRINTS_IT if exam.server and "hello" in exam.new_log else NO_ANSWER
    return UNFLUSHED if WRITES_TO_A_FILE.search(diagnosis.text_of(exam.server)) else READS_TO_THE_END


def answers_the_second(exam, ann):
    """Of two lines, is the second answered, and not the first?"""
    ann.came = b""
    ann.send(b"one\ntwo\n")
    return comes(ann) and ann.line() == exam.answer(b"two")


def calls(exam, peer):
    """What the server has done with this client's connection: kinds of events, "receive" where bytes came with it."""
    events = exam.server.events() if exam.server and exam.server.watch else []
    done = [event for event in events if event.peer == peer.local and event.end]
    return {event.kind for event in done if event.kind != "close" and (event.kind != "receive" or event.bytes)}


def comes(peer):
    """Does anything come, from a server that has been silent?"""
    piece = peer.piece(STILL_AT_REST)
    if isinstance(piece, Instead):
        return False
    peer.came += piece
    return True


def comes_with_others(exam, ann):
    """Does anything come when others have come, who say nothing?"""
    with ExitStack() as others:
        with contextlib.suppress(NotMet):  # so many it may not take
            for _ in range(exam.clients):
                others.enter_context(exam.visit("another client"))
        return comes(ann)


@requirement("prompt", *LATE)
def prompt(exam):
    """clients come one after another, and each of their lines is answered as soon as it has come"""
    if exam.server is None:
        raise NotAsked("over the wire alone it is not seen whether the server computes, or waits for a time")
    late = 0
    with contextlib.suppress(NotMet):  # an answer that does not come at all is what the others are about
        for number in range(PAUSES):
            with exam.visit(f"client {number + 1} of {PAUSES}, who come one after another") as ann:
                late += any([pauses(exam, ann) for _ in range(2)])  # after accept(), and between two lines
    if late > PAUSES / 2:
        what = f"two lines from each of {PAUSES} clients"
        raise NotMet(what, "each answer as soon as its line has come", ANSWERS_LATE, kind="late")


ANSWERS_LATE = "most answers after a pause in which the server computed nothing"


def pauses(exam, ann):
    """Ask; does the server rest for a while before it answers?"""
    ann.send(b"hello\n")
    looks = []  # CPU seconds used so far, None where it computed or waited for its turn to
    while not select.select([ann.socket], [], [], A_PAUSE)[0] and len(looks) < LOOKS:
        looks.append(None if exam.busy() else exam.cpu())
    ann.expect(exam.answer(b"hello"))
    return any(look is not None and look == after for look, after in itertools.pairwise(looks))


@requirement("pieces", *RECV_IS_A_LINE, {"nothing": FORGETS_THE_FIRST_HALF})
def pieces(exam):
    """a line that comes in two pieces is one line, even if a character is cut in two"""
    with exam.visit("Ann") as ann:
        try:
            exam.hello(ann)
        except NotMet as problem:  # a line in one piece
            seen = problem.kind != "nothing" or problem.diagnosis.mistake
            raise but(problem, UNKNOWN if seen else diagnosis.who_is_stuck(exam.server, ann.local)) from None
        arrived = len(b"hello\n")
        for first, second in [(b"hel", b"lo"), ("你".encode()[:1], "你好".encode()[1:])] * 2:
            ann.send(first)
            exam.let_arrive(ann, arrived + len(first))
            ann.send(second + b"\n")
            arrived += len(first + second) + 1
            ann.sent = f"{shown(first)}, and a moment later {shown(second)} and a newline"
            try:
                ann.expect(exam.answer(first + second))
            except NotMet as problem:
                meaning = what_became_of_text(exam.answer(first + second), problem.came)
                raise but(problem, FORGETS_THE_FIRST_HALF if problem.came == shown(exam.answer(second)) else meaning) from None


def what_became_of_text(line, came):
    """What it means that this, as it is shown, came instead of a line; UNKNOWN where no text explains it."""
    if came == shown(line.decode("latin-1").encode()):
        return TWO_ENCODINGS
    ways = list(itertools.product(["utf-8", "ascii"], ["replace", "ignore"]))
    lenient = (shown(line.decode(*read).encode(*written)) for read in ways for written in ways)
    return DECODES_LENIENTLY if came in lenient else UNKNOWN


@requirement("joined", *RECV_IS_A_LINE, {"nothing": FIRST_LINE_ONLY, "end": EMPTY_IS_THE_END})
def joined(exam):
    """several lines in one piece are answered one by one, empty ones and blanks too"""
    lines = [b"", b"one", b" two  words ", b"three"]
    with exam.visit("Ann") as ann:
        ann.send(b"\n".join(lines) + b"\n", f"{len(lines)} lines in one piece")
        for number, line in enumerate(lines, 1):
            ann.sent = f"{len(lines)} lines in one piece; line {number} is {shown(line)}"
            came = ann.line()
            if came == exam.answer(line):
                continue
            meaning, problem = UNKNOWN, ann.not_met(exam.answer(line), came)
            if came == exam.answer(line.strip()) and line != line.strip():
                meaning = STRIPS
            elif came == exam.answer(b" ".join(line.split())):
                meaning = SPLITS_WORDS
            elif came in [exam.answer(line) for line in lines[number:]]:
                later = exam.answer(line) in ann.lines(len(lines) - number)
                meaning = OUT_OF_ORDER if later else EMPTY_IS_SKIPPED if not line else FIRST_LINE_ONLY
            elif kind_of(came) == "nothing" and number > 1 and WRITES_AND_READS_TEXT.search(diagnosis.text_of(exam.server)):
                meaning = TEXT_FILE
            elif kind_of(came) == "nothing" and number == 1:
                meaning = EMPTY_IS_SKIPPED if only_empty_ones_are_skipped(exam) else FIRST_LINE_ONLY
            elif kind_of(came) == "nothing":
                ann.send(b"one more\n")
                meaning = ONE_LINE_EACH_TIME if comes(ann) and ann.line() == exam.answer(line) else FIRST_LINE_ONLY
            elif kind_of(came) in ("end", "reset") and number > 1:
                meaning = FIRST_LINE_ONLY
            if meaning == FIRST_LINE_ONLY and FILE_FOR_A_LINE.search(diagnosis.text_of(exam.server)):
                meaning = A_FILE_EACH_TIME
            raise but(problem, meaning)
        first, second = b"sleep 0.2", b"later"  # where `sleep` is a line like any other, the answers come at once
        ann.send(first + b"\n" + second + b"\n", f"{shown(first)} and {shown(second)} in one piece")
        came = ann.line()
        if came == exam.answer(second):
            raise but(ann.not_met(exam.answer(first), came), OUT_OF_ORDER)
        if came == exam.answer(first) and ann.line() == exam.answer(second) and not exam.meant(pieces):  # that is enough
            expect_both(exam, ann)


def expect_both(exam, ann):
    """A piece may end in the middle of a line that is not its first."""
    before = exam.received(ann)
    ann.send(b"four\nfi")
    exam.let_arrive(ann, before + len(b"four\nfi"))
    ann.send(b"ve\n", "'four\\nfi' in one piece, and a moment later 've' and a newline")
    for line in b"four", b"five":
        try:
            ann.expect(exam.answer(line))
        except NotMet as problem:
            lost = problem.kind == "nothing" or problem.came == shown(exam.answer(b"ve"))
            raise but(problem, FORGETS_THE_FIRST_HALF if lost else UNKNOWN) from None


def only_empty_ones_are_skipped(exam):
    """Are two lines in one piece both answered, if none is empty?"""
    with contextlib.suppress(NotMet), exam.visit("Ann, once more") as ann:
        ann.send(b"one\ntwo\n")
        return [ann.line(), ann.line()] == [exam.answer(b"one"), exam.answer(b"two")]


@requirement("binary", *diagnosis.TAKEN_FOR_TEXT, {"other": DECODES_LENIENTLY})
def binary(exam):
    """every value that a byte can have comes back as it was, but the newline, which ends a line"""
    line = bytes(value for value in [*range(1, 256), 0] if value != ord("\n"))
    with exam.visit("Ann") as ann:
        ann.send(line + b"\n", "a line with all 255 other bytes")
        came = ann.line()
        if came != exam.answer(line):
            raise but(ann.not_met(exam.answer(line), came), what_became_of_bytes(exam, line, came, ann.came))
        line = b"a \\r at the end\r"
        try:
            exam.hello(ann, line)
        except NotMet as problem:
            raise but(problem, CARRIAGE_RETURN_LOST if problem.came == shown(exam.answer(line[:-1])) else UNKNOWN) from None


def what_became_of_bytes(exam, line, came, half):
    """What it means that this came instead of a line with all bytes; `half`: what came without a newline."""
    if not isinstance(came, bytes):
        return ZERO_ENDS_IT if half and half == exam.answer(line).partition(b"\0")[0] else UNKNOWN
    if came == exam.answer(line).partition(b"\0")[0] != exam.answer(line):
        return ZERO_ENDS_IT
    if (cut := came.removesuffix(b"\r")) and exam.answer(line.partition(b"\r")[0]).startswith(cut):
        return SPLITS_LINES
    if came.split() == exam.answer(line).split():
        return SPLITS_WORDS
    return what_became_of_text(line, shown(came))


@requirement("long line", *TOO_SHORT)
def long_line(exam):
    """a line of 60,000 bytes is answered whole, and one that fills a buffer to the last byte"""
    line = b"long" * (LONG // 4)
    with exam.visit("Ann") as ann:
        try:
            exam.hello(ann, line)
            exam.hello(ann, b"short")
        except NotMet as problem:
            edge = problem.kind in ("nothing", "half") and reads_on_when_poked(exam, ann)
            raise but(problem, EDGE_TRIGGERED if edge else UNKNOWN) from None
        for size in FULL:
            try:
                exam.hello(ann, b"f" * (size - 1))
            except NotMet as problem:
                ann.send(b"\n")
                raise but(problem, SHORT_IS_THE_END if problem.kind == "nothing" and comes(ann) else UNKNOWN) from None


def reads_on_when_poked(exam, ann):
    """Does the server read a part of what waits for it each time that something new comes, and no more than that?"""
    if exam.server is None or not exam.server.watch:
        return False
    for _ in range(POKES):
        before = exam.received(ann)
        ann.send(b"\n")
        exam.until(lambda before=before: exam.received(ann) > before, at_rest=0.3)
        if exam.received(ann) <= before:
            return False
        if exam.received(ann) - before > 1:  # more than this one newline: it had waited
            return True
    return False


@requirement("half-close", *NEVER_CLOSED)
def half_close(exam):
    """a client that has sent its last line is still answered, everything, and then sees the end of the connection"""
    data, what = b"\n".join(flood()) + b"\n", "lines from Ann, who then finishes (SHUT_WR), and only then reads"
    with ExitStack() as stack:
        ann, ben = stack.enter_context(exam.visit("Ann", narrow=True)), None
        if exam.concurrent:  # a child that is forked for a later client has no part in Ann's connection
            ben = stack.enter_context(exam.visit("Ben, who has come after Ann, and stays"))
            exam.hello(ben)
        gone = ann.pour(data)
        ann.finish()
        exam.until(lambda: not exam.busy(), 4)  # it has seen the end before Ann has read what it may still have to send
        whole = data[:gone].count(b"\n")  # it may have stopped reading in the middle of a line
        came = ann.drain(b"", whole)
        expected = [exam.answer(line) for line in data[:gone].split(b"\n")[:whole]]
        if came[:whole] != expected:
            both = list(zip(came, expected, strict=False))
            if any(in_part(*pair) for pair in both):
                raise NotMet(what, "an answer to each", "answers in pieces", exam.meant(pieces, joined, long_line) or RECV_IS_A_LINE)
            if any(one != other for one, other in both):
                raise NotMet(what, "an answer to each", "answers with a hole between them", exam.meant(all_of_it) or SENDS_A_PART)
            raise NotMet(what, "an answer to each", "fewer answers", exam.meant(all_of_it) or who_hung_up(exam, ann))
        expect_the_end(exam, ann, what)
        if ben:  # nobody comes after him whose connection takes the place of his
            ben.finish()
            expect_the_end(exam, ben, "a line from Ben, who came last, and who finishes (SHUT_WR) after its answer")


def expect_the_end(exam, peer, what):
    end = peer.line()
    if isinstance(end, bytes):  # the answer to half a line
        end = peer.line()
    if isinstance(end, Instead) and end.endswith("the end of the connection"):
        return
    meaning = UNKNOWN
    if isinstance(end, bytes) or end.kind == "endless":
        meaning = diagnosis.ASKS_THE_GONE
    elif end.kind == "reset":
        meaning = LINGERS_NOT
    elif end.kind in ("nothing", "half"):
        meaning = diagnosis.who_keeps(exam.server)
    raise NotMet(
        what,
        "an answer to each, then the end of the connection",
        f"all the answers, then {shown(end).rpartition(HALF)[2]}",  # how much of a half line had come, is chance
        meaning,
    )


def who_hung_up(exam, ann):
    """Why answers are missing: closed after a part, or broken off with a reset, which drops what is unsent."""
    was_reset = ann.was_reset or kind_of(ann.piece()) == "reset"
    return LINGERS_NOT if was_reset and "RDHUP" not in diagnosis.text_of(exam.server) else HANGS_UP


@requirement("concurrency", *diagnosis.ONE_AFTER_ANOTHER, {"foreign": diagnosis.ONE_CONNECTION})
def concurrency(exam):
    """many clients are connected at once; the last to connect asks first, and each is answered"""
    with ExitStack() as stack:
        peers = []
        words = [b"hello, I am client %d" % number for number in range(1, exam.clients + 1)]
        try:
            for number, word in enumerate(words, 1):
                name = f"client {number} of {exam.clients}, who asks before those who came earlier"
                peers.append(stack.enter_context(exam.visit(name)))
                peers[-1].line_sent = word
            for number in [*range(exam.clients - 1, -1, -1), *range(exam.clients)]:  # and the conversations go on
                exam.hello(peers[number], words[number])
        except NotMet as problem:
            if problem.kind == "foreign":  # who was answered, too: the last one asked first
                raise but(problem, TO_ALL) from None
            if problem.kind in ("end", "reset", "nothing") and exam.until(
                lambda: any(word in stray(peer) for peer in peers for word in words), at_rest=STILL_AT_REST
            ):
                problem.kind = "foreign"
                raise but(problem, diagnosis.ONE_CONNECTION) from None
            if problem.kind == "nothing" or problem.kind == "full":
                raise but(problem, diagnosis.who_waits(exam.server, [peer.local for peer in peers])) from None
            raise
    exam.concurrent = True
    if exam.server and late_while_others_stay(exam) > STAYING / 2:
        what = f"a line from each of {STAYING} clients who come one after another, and stay"
        raise NotMet(what, "each answer as soon as its line has come", ANSWERS_LATE, LATE, "late")


def late_while_others_stay(exam):
    """How many clients are answered late, of those who come while others stay."""
    late = 0
    with contextlib.suppress(NotMet), ExitStack() as stack:
        for number in range(STAYING):
            late += pauses(exam, stack.enter_context(exam.visit(f"client {number + 1} of {STAYING}, who stay")))
    return late


def stray(peer):
    """What has come to a client that was not read by anybody."""
    with contextlib.suppress(OSError, ValueError):
        peer.socket.setblocking(False)
        peer.came += peer.socket.recv(65_536)
    return peer.came


@requirement("silent", *diagnosis.LOOP_BLOCKED, {"foreign": SHARED_BUFFER})
def silent(exam):
    """a client that says nothing, and one that stops in the middle of a line, hold nobody up"""
    with one_after_another(exam), exam.visit("the silent one"):
        for _ in range(VISITS):
            with exam.visit("Ben, while one client is silent") as ben:
                exam.hello(ben)
    with exam.visit("the one who stops") as stopped:
        stopped.line_sent = b"half a li"
        stopped.send(b"half a li")
        exam.let_arrive(stopped, len(b"half a li"))
        for _ in range(VISITS):
            with exam.visit("Ben, while one client is in the middle of a line") as ben:
                exam.hello(ben)
        stopped.send(b"ne\n", "'half a li', and later 'ne' and a newline")
        try:
            stopped.expect(exam.answer(b"half a line"))
        except NotMet as problem:
            lost = problem.kind == "nothing" or problem.came == shown(exam.answer(b"ne"))
            in_time = RECV_IS_A_LINE if exam.meant(pieces) else PAUSE_IS_THE_END
            raise but(problem, FORGETS_THE_FIRST_HALF if lost else in_time) from None


@requirement("slow reader", *WAITS_IN_SEND)
def slow_reader(exam):
    """a client that sends much and reads none of the answers holds nobody up"""
    who = "Ben, whose neighbour does not read"
    with one_after_another(exam), exam.visit(who) as ben, exam.visit("the slow reader", narrow=True) as slow:
        data = b"\n".join(flood()) + b"\n"
        gone = 0
        for _ in range(POURS):  # on a busy machine, a server that has no turn for a while seems to read no more
            more = slow.pour(data[gone:])
            gone += more
            exam.until(lambda: not exam.busy(), 2)
            exam.hello(ben)
            if not more:
                break
        for _ in range(VISITS):
            with exam.visit("Cem, while another does not read") as cem:
                exam.hello(cem)
        end = data.find(b"\n", gone) + 1 or len(data)
        slow.drain(data[gone:end], data[:end].count(b"\n"), LONGEST)  # it leaves in peace: what breaks off is another requirement


@contextlib.contextmanager
def one_after_another(exam):
    """Who waits here, waits for what made others wait before: it is the same mistake."""
    try:
        yield
    except NotMet as problem:
        raise but(problem, exam.meant(concurrency) if problem.kind in ("nothing", "full") else UNKNOWN) from None


@requirement("all of it", *SENDS_A_PART)
def all_of_it(exam):
    """answers that a client is slow to take arrive whole, and in order"""
    data = b"\n".join(flood()) + b"\n"
    what = "many lines of 4,000 bytes from a client that begins to read late"
    with exam.visit("the slow reader", narrow=True) as slow:
        gone = slow.pour(data)  # more than all buffers hold, unless the server reads all of it
        lines = flood()[: gone // len(flood()[0] + b"\n") + MORE]
        came = slow.drain(data[gone : len(lines) * len(lines[0] + b"\n")], len(lines))
        end = slow.piece() if len(came) < len(lines) and not slow.was_reset else ""
    known = unanswered(exam)
    for number, line in enumerate(lines):
        if number >= len(came):
            raise NotMet(what, "an answer to each", "fewer", known or (GIVES_UP if gave_up(exam, end) else UNKNOWN))
        if came[number] == exam.answer(line):
            continue
        if in_part(came[number], exam.answer(line)):
            meaning = exam.meant(pieces, joined, long_line) or RECV_IS_A_LINE
            raise NotMet(what, "each answer whole, in order", "an answer in pieces", meaning)
        missing = hole(came[number], line)
        later = exam.answer(line) in came[number:]
        raise NotMet(what, "each answer whole, in order", ELSEWHERE if later else missing, OUT_OF_ORDER if later else known or UNKNOWN)


def unanswered(exam):
    """What was found that leaves lines unanswered which come together with others; None where nothing was."""
    return next((found for asked in (joined, long_line) if (found := exam.meant(asked)) in UNANSWERED), None)


def gave_up(exam, end):
    """Was the connection closed, though its server runs on? `end`: what came behind the answers."""
    if end and kind_of(end) not in ("end", "reset"):
        return False
    return exam.server is None or not exam.until(lambda: not exam.server.running, 1, at_rest=STILL_AT_REST)


def hole(came, line):
    """In words: how much is missing in the answer that should be this line, by the numbers that the flood's lines are made of."""
    same = next((n for n, (a, b) in enumerate(zip(came, line, strict=False)) if a != b), min(len(came), len(line)))
    marks = re.search(rb"(\d{6}):(\d{3}) ", came[same:])
    if not marks:
        return "an answer that is none of these lines"
    missing = (int(marks[1]) * 4_000 + int(marks[2]) * STEP) - (int(line[:6]) * 4_000 + same) - marks.start()
    if missing <= 0:
        return ELSEWHERE
    return f"a hole: behind byte {same:,} of line {int(line[:6]) + 1}, {missing:,} bytes are missing"


@requirement("reset", *diagnosis.BROKE_OFF, {"foreign": MIXED, "nobody listens": diagnosis.BROKE_OFF})
def reset(exam):
    """clients break off: at once, after a line, in the middle of a line, in the middle of the answers; all others are served on"""
    with ExitStack() as stack:
        neighbour = stack.enter_context(exam.visit("a neighbour of clients that broke off")) if exam.concurrent else None
        for how in "at once", "after a line", "in the middle of a line", "in the middle of the answers", "before its answers":
            try:
                with exam.visit(f"one that breaks off {how}", narrow=True) as broken:
                    break_off(exam, broken, how)
                if neighbour:
                    exam.hello(neighbour, b"still served?")
                with exam.visit(f"the next client after one that broke off {how}") as other:
                    exam.hello(other)
            except NotMet as problem:
                half = "middle of a line" in problem.sent or how == "in the middle of a line"
                raise but(problem, diagnosis.HALF_A_LINE_LEFT if half else UNKNOWN) from None
    for number in range(1, RESETS + 1):
        with exam.visit(f"client {number} of {RESETS}, who all break off after a line") as broken:
            break_off(exam, broken, "after a line")


def break_off(exam, broken, how):
    if how != "at once":
        exam.hello(broken)
    if how == "in the middle of a line":
        broken.send(b"half a li")
        exam.let_arrive(broken, len(b"hello\nhalf a li"))
        broken.close()  # the end, in the middle of a line
    elif how == "in the middle of the answers":
        broken.pour(b"\n".join(flood()) + b"\n")
        broken.reset()
    elif how == "before its answers":  # its end comes with its lines: an answer to it raises SIGPIPE
        broken.line_sent = b"before its answers 1"
        with exam.stopped():
            broken.send(b"".join(b"before its answers %d\n" % number for number in (1, 2, 3)))
            if HAS_PROC:  # Linux remembers EPIPE where a reset follows the end; elsewhere the first answer may have to bring it
                broken.finish()
                broken.reset()
            else:
                broken.close()
    else:
        broken.reset()


def in_part(came, expected):
    """Is it the beginning or the end of what was expected, and not all of it?"""
    return came != expected and (expected.startswith(came) or bool(came) and expected.endswith(came))


ELSEWHERE = "answers in another order than the lines"
STEP = 11  # bytes from one number in a line of the flood to the next


@functools.cache
def flood():
    """Lines of 3,999 bytes that are made of numbers: each says which line it is in, and which of its numbers it is."""
    numbers = b"".join(b"??????:%03d " % number for number in range(3_999 // STEP + 1))[:3_999]
    return [numbers.replace(b"??????", b"%06d" % line) for line in range(FLOOD)]


FIRST = [
    answers,
    prompt,
    pieces,
    joined,
    binary,
    long_line,
    concurrency,
]
LAST = [  # with crowds, and waiting: for a server that rests when nobody asks
    silent,
    slow_reader,
    all_of_it,
    half_close,
    reset,
]
