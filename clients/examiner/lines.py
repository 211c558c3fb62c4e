"""What a TCP server that answers lines is asked for, over the wire alone."""

from contextlib import ExitStack

from clients.examiner.peers import shown
from clients.examiner.requirements import NotMet, requirement

VISITS = 40  # clients that come one after another: enough that a server which deals them out by chance shows it
LONG = 60_000  # bytes in a long line; the course's servers take 65,536
FLOOD = 2_000  # lines of 4,000 bytes: more than all buffers between two sockets hold


@requirement(
    "answers",
    "the answer does not end in a newline, or it is never sent",
    ["Try it by hand first: nc 127.0.0.1 PORT, then type a line.", "A line is answered with a line: does it end in a newline?"],
    read=["00", "01"],
)
def answers(exam):
    """a line is answered, and the next one too"""
    with exam.visit("Ann") as ann:
        exam.hello(ann, mistake="the answer has no newline at its end" if exam.answer(b"hello") == b"hello" else "")
        exam.hello(ann, b"hello again", "the server answers once for each connection; a client may send many lines")


@requirement(
    "pieces",
    "each recv() is taken for a line. TCP keeps no messages apart: a line may come in two pieces",
    [
        "How much of a line does one recv() give you? TCP does not say.",
        "Keep what has no newline yet, and put the next piece behind it. Or let readline() of a file do that.",
    ],
    read=["00", "06"],
)
def pieces(exam):
    """a line that comes in two pieces is one line, even if a character is cut in two"""
    with exam.visit("Ann") as ann:
        exam.hello(ann)
        arrived = len(b"hello\n")
        for first, second in [(b"hel", b"lo"), ("你".encode()[:1], "你好".encode()[1:])] * 2:
            ann.send(first)
            exam.let_arrive(ann, arrived + len(first))
            ann.send(second + b"\n")
            arrived += len(first + second) + 1
            ann.sent = f"{shown(first)}, and a moment later {shown(second)} and a newline"
            ann.expect(exam.answer(first + second))


@requirement(
    "joined",
    "what one recv() gives is taken for one line. TCP keeps no messages apart: it may hold several lines",
    [
        "Two lines may come in one piece. How many answers does your server send then?",
        "Split what has come at each newline, and answer every part; what is behind the last newline has to wait.",
    ],
    read=["00", "06"],
)
def joined(exam):
    """several lines in one piece are answered one by one, empty ones and blanks too"""
    lines = [b"", b"one", b" two  words ", b"three"]
    with exam.visit("Ann") as ann:
        ann.send(b"\n".join(lines) + b"\n", f"{len(lines)} lines in one piece")
        for number, line in enumerate(lines, 1):
            ann.sent = f"{len(lines)} lines in one piece; line {number} is {shown(line)}"
            blank = line != line.strip()
            ann.expect(exam.answer(line), "blanks belong to a line; strip() takes them off with the newline" if blank else "")


@requirement(
    "binary",
    "bytes are taken for text; not all bytes are UTF-8",
    [
        "What does bytes.decode() do with b'\\xff'?",
        "A server that only passes bytes on need not decode them. One that has to, says what becomes of bytes that are no text.",
    ],
    read=["00", "02"],
)
def binary(exam):
    """every value that a byte can have comes back as it was, but the newline, which ends a line"""
    line = bytes(value for value in range(256) if value != ord("\n"))
    with exam.visit("Ann") as ann:
        ann.send(line + b"\n", "a line with all 255 other bytes")
        ann.expect(exam.answer(line))


@requirement(
    "long line",
    "there is a limit to what one recv() gives; the rest of the line comes with the next",
    ["How long a line fits into one recv() of your server?", "Go on receiving until the newline has come."],
    read=["00", "06"],
)
def long_line(exam):
    """a line of 60,000 bytes is answered whole"""
    line = b"long" * (LONG // 4)
    with exam.visit("Ann") as ann:
        exam.hello(ann, line)
        exam.hello(ann, b"short")


HANGS_UP = "the server hangs up when its client finishes, or forgets what it could not send at once"


@requirement(
    "half-close",
    "some process still holds the connection open: the parent its copy, or a child a copy that it inherited",
    [
        "The client has said that nothing more will come: recv() returns b''. What does your server do then?",
        "The client sees the end when the last copy of the connection is closed. Who holds one?",
    ],
    read=["02", "06"],
)
def half_close(exam):
    """a client that has sent its last line is still answered, everything, and then sees the end of the connection"""
    data, what = b"\n".join(flood()) + b"\n", "lines from Ann, who then finishes (SHUT_WR), and only then reads"
    with exam.visit("Ann", narrow=True) as ann:
        gone = ann.pour(data)
        ann.finish()
        exam.until(lambda: not exam.busy(), 1)  # it has seen the end before Ann has read what it may still have to send
        whole = data[:gone].count(b"\n")  # it may have stopped reading in the middle of a line
        came = ann.drain(b"", whole)
        expected = [exam.answer(line) for line in data[:gone].split(b"\n")[:whole]]
        if came[:whole] != expected:
            broken = any(in_part(*both) for both in zip(came, expected, strict=False))
            fewer = "fewer answers" if len(came) < whole else "other answers"
            raise NotMet(
                what, "an answer to each", "answers in pieces" if broken else fewer, pieces.usual if broken else HANGS_UP
            )
        end = ann.line()
        if isinstance(end, bytes):  # the answer to half a line
            end = ann.line()
        if not isinstance(end, str) or not end.endswith("the end of the connection"):
            mistake = ""
            if isinstance(end, bytes) or end.endswith("without end"):
                mistake = "it overlooks that recv() returned b'', which says that nothing more will come, and talks on"
            elif "reset" in end:
                mistake = "the connection was closed while there was still something to read"
            raise NotMet(
                what, "an answer to each, then the end of the connection", f"all the answers, then {shown(end)}", mistake
            )


@requirement(
    "concurrency",
    "clients are served one after another: who came first holds the server until it leaves",
    [
        "Which call is your server blocked in while the first client is silent?",
        "Somebody has to go back to accept() while a client is being served: a child, a thread, or a loop that never waits for one client.",
        "A fixed number of workers serves that many clients at a time, and no more.",
    ],
    read=["01", "02", "03", "04"],
)
def concurrency(exam):
    """many clients are connected at once; the last to connect asks first, and each is answered"""
    with ExitStack() as stack:
        peers = [
            stack.enter_context(exam.visit(f"client {number} of {exam.clients}, who asks before those who came earlier"))
            for number in range(1, exam.clients + 1)
        ]
        for peer in reversed(peers):
            exam.hello(peer)
        for peer in peers:  # and the conversations go on
            exam.hello(peer, b"still here?")
    exam.concurrent = True


@requirement(
    "silent",
    "the server waits for one client: in recv(), or in readline() until its line is whole",
    [
        "Which call waits for the silent client? Who else could be served meanwhile?",
        "If all are served by one loop, none of its calls may wait for one client; readline() waits until the line is whole.",
    ],
    read=["01", "04"],
)
def silent(exam):
    """a client that says nothing, and one that stops in the middle of a line, hold nobody up"""
    with exam.visit("the silent one"):
        for _ in range(VISITS):
            with exam.visit("Ben, while one client is silent") as ben:
                exam.hello(ben)
    with exam.visit("the one who stops") as stopped:
        stopped.send(b"half a li")
        exam.let_arrive(stopped, len(b"half a li"))
        for _ in range(VISITS):
            with exam.visit("Ben, while one client is in the middle of a line") as ben:
                exam.hello(ben)
        stopped.send(b"ne\n")
        stopped.expect(exam.answer(b"half a line"), pieces.usual)


@requirement(
    "slow reader",
    "the server waits in send() for a client that does not read",
    [
        "A socket's buffer is full when the other side does not read. What does sendall() do then?",
        "In a loop that serves all: sockets that do not block, and what is unsent kept until the selector says that there is room.",
    ],
    read=["04"],
)
def slow_reader(exam):
    """a client that sends much and reads none of the answers holds nobody up"""
    with exam.visit("Ben, whose neighbour does not read") as ben, exam.visit("the slow reader") as slow:
        data = b"\n".join(flood()) + b"\n"
        gone = slow.pour(data)
        exam.hello(ben)
        for _ in range(VISITS):
            with exam.visit("Cem, while another does not read") as cem:
                exam.hello(cem)
        slow.drain(data[gone:], FLOOD)  # it leaves in peace: what breaks off is another requirement


@requirement(
    "all of it",
    "send() says how much it took; the rest was never sent",
    [
        "send() may send less than you gave it. What does it return?",
        "sendall() sends the rest too. On a socket that does not block it cannot: keep the rest, and send it when there is room.",
    ],
    read=["02", "04"],
)
def all_of_it(exam):
    """answers that a client is slow to take arrive whole, and in order"""
    lines = flood()
    data = b"\n".join(lines) + b"\n"
    what = f"{FLOOD} lines of 4,000 bytes from a client that begins to read late"
    with exam.visit("the slow reader", narrow=True) as slow:
        gone = slow.pour(data)
        came = slow.drain(data[gone:], FLOOD)
    for number, line in enumerate(lines):
        if number >= len(came):
            raise NotMet(what, f"{FLOOD} answers", "fewer")
        if came[number] != exam.answer(line):
            broken = in_part(came[number], exam.answer(line))
            raise NotMet(
                what,
                "each answer whole, in order",
                "an answer in pieces" if broken else "answers with something missing between them",
                pieces.usual if broken else "",
            )


@requirement(
    "reset",
    "a broken connection raises ConnectionResetError or BrokenPipeError, and nobody catches it where only this client is concerned",
    [
        "What do recv() and sendall() raise when the client has broken off? Look into the log.",
        "Catch ConnectionError around one client's conversation, so that only that client goes.",
    ],
    read=["02", "06"],
)
def reset(exam):
    """clients break off: at once, after a line, in the middle of the answers; all others are served on"""
    with ExitStack() as stack:
        neighbour = stack.enter_context(exam.visit("a neighbour of clients that broke off")) if exam.concurrent else None
        for how in "at once", "after a line", "in the middle of the answers":
            with exam.visit(f"one that breaks off {how}") as broken:
                if how != "at once":
                    exam.hello(broken)
                if how == "in the middle of the answers":
                    broken.pour(b"\n".join(flood()) + b"\n")
                broken.reset()
            if neighbour:
                exam.hello(neighbour, b"still served?")
            with exam.visit(f"the next client after one that broke off {how}") as other:
                exam.hello(other)


def in_part(came, expected):
    """Is it the beginning or the end of what was expected, and not all of it?"""
    return came != expected and (expected.startswith(came) or bool(came) and expected.endswith(came))


def flood():
    return [b"%06d " % number + b"." * 3_993 for number in range(FLOOD)]


REQUIREMENTS = [
    answers,
    pieces,
    joined,
    binary,
    long_line,
    half_close,
    concurrency,
    silent,
    slow_reader,
    all_of_it,
    reset,
]
