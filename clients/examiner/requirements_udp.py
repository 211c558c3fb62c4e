"""The requirements for a UDP server that answers datagrams, tested over the wire alone."""

import contextlib
import socket
from contextlib import ExitStack

from clients.examiner import diagnosis
from clients.examiner.mistakes_tcp import STRIPS
from clients.examiner.peers import OLD_BYTES, is_longer, kind_of, shown
from clients.examiner.requirements import UNKNOWN, Diagnosis, NotMet, requirement
from clients.examiner.requirements_tcp import NOTED, VISITS, but, what_became_of_bytes, what_became_of_hello
from clients.tcp import family_of

LATE = 1  # seconds to wait for an answer to a client that accepts it from any port
BIG = 9_000  # bytes: more than socketserver's max_packet_size of 8,192, less than any system refuses to send


@requirement(
    "answers",
    "the answer goes nowhere: recvfrom() says who asked, and sendto() needs that address",
    ["What does recvfrom() give you besides the data?", "Call sendto(answer, peer), with the address of the client that asked."],
    read=["01"],
)
def answers(exam):
    """a datagram is answered with a datagram, again and again"""
    with exam.visit("Ann") as ann:
        try:
            exam.hello(ann)
        except NotMet as problem:
            if problem.kind == "other":
                first = ann.datagram() == exam.answer(b"hello")
                raise but(problem, SPEAKS_FIRST if first else what_differs(exam, ann, problem)) from None
            raise but(problem, FROM_ANOTHER_PORT if problem.kind == "nothing" and from_another_port(exam) else UNKNOWN) from None
        try:
            exam.hello(ann, b"hello again", ANSWERS_ONCE)
        except NotMet as problem:
            if problem.kind == "other":
                twice = problem.came == shown(exam.answer(b"hello"))
                raise but(problem, ANSWERS_TWICE if twice else NOT_WHAT_WAS_SENT) from None
            raise


def what_differs(exam, ann, problem):
    """Return the Diagnosis of a wrong first answer."""
    known = exam.answer(b"hello")
    is_near = problem.came in (shown(known + b"\r"), shown(known + b"\n"), shown(known + b"\0"))
    return ENDS_OTHERWISE if is_near else what_became_of_hello(exam, ann, problem).or_else(NOT_WHAT_WAS_SENT)


def from_another_port(exam):
    """Return whether the answer comes from another port. The test socket is not connected: the kernel would drop such answers."""
    with socket.socket(family_of(exam.address), socket.SOCK_DGRAM) as anybody:
        anybody.settimeout(LATE)
        anybody.sendto(b"hello\n", exam.address)
        with contextlib.suppress(OSError):
            return anybody.recvfrom(BIG)[1][:2] != exam.address[:2]
    return False


FROM_ANOTHER_PORT = Diagnosis(
    "the answer comes from a port other than the one that was asked: the client takes no answer from a stranger",
    (
        "Which socket is the answer sent from, and which port is it bound to?",
        "Answer from the socket that received the question: its port is the one that the client knows.",
    ),
    ("01",),
)
NOT_WHAT_WAS_SENT = Diagnosis(
    "the answer is not the datagram that was sent",
    ("Compare the answer with the datagram, byte by byte.", "What is left in your variables from the previous datagram?"),
    ("01",),
)
SPEAKS_FIRST = Diagnosis(
    "another datagram comes before the answer: a greeting, or a note that the question has come",
    ("How many datagrams does a client get for its first question?", "One question, one answer, and nothing else."),
    ("01",),
)
ENDS_OTHERWISE = Diagnosis(
    "something is added after the answer: it ends differently from the datagram that was sent",
    (
        "Compare the last bytes of both datagrams: repr() shows them.",
        "A datagram needs no newline at its end: what comes back should end as what came.",
    ),
    ("01",),
)
ANSWERS_ONCE = Diagnosis(
    "the server answers once; a loop goes on",
    ("What does your server do after its first answer?", "Call recvfrom() and sendto() in a loop that does not end."),
    ("01",),
)
ANSWERS_TWICE = Diagnosis(
    "a datagram is answered twice: the next answer that the client takes is the previous one again",
    (
        "How many datagrams does your server send for one that came?",
        "One question, one answer. When one is lost, it is the client that asks again.",
    ),
    ("01",),
)


CONNECTED = Diagnosis(
    "the only socket was connected to one client: over UDP, connect() makes the kernel turn away what anybody else sends",
    (
        "Which datagrams does a connected UDP socket receive?",
        "Do not connect() the socket that serves everybody: recvfrom() says who asked, and sendto() answers that client.",
    ),
    ("01",),
)


OVERWRITTEN = Diagnosis(
    "each client is answered, but with what a later one has sent: the next datagram overwrites the last one before it is answered",
    (
        "Where are the bytes of a datagram kept until it is answered? How many such places are there, and how many threads or tasks?",
        "Give each datagram bytes of its own, as recvfrom() does; recvfrom_into() and a global variable have one place for all.",
    ),
    ("03", "07"),
)


def has_ended(exam):
    """Return whether the server has ended, or ends shortly."""
    return exam.server is not None and exam.until(lambda: not exam.server.running, at_rest=NOTED)


EMPTY_IS_THE_END = Diagnosis(
    "an empty datagram is taken for the end. That is TCP's sign; over UDP it is a datagram like any other",
    ("What does your server do when recvfrom() returns no bytes?", "Nobody leaves over UDP: there is no connection to end."),
    ("01",),
)


@requirement("empty", *EMPTY_IS_THE_END)
def empty(exam):
    """an empty datagram does not end the service"""
    with exam.visit("Ann") as ann:
        ann.send(b"")
        try:
            exam.hello(ann, b"after an empty datagram")
        except NotMet as problem:
            raise but(problem, EMPTY_IS_THE_END) from None
    with exam.visit("the next client after an empty datagram") as ben:
        exam.hello(ben)


@requirement(
    "addresses",
    "one client's address is kept for another's answer: in a variable that outlives the datagram, or by connect() on the one socket",
    ["Whose address does the answer go to?", "Use the address that came with the datagram; keep none from one datagram to the next."],
    read=["01", "07"],
)
def addresses(exam):
    """each of many clients gets its own answer, in whatever order they ask"""
    lost = 0
    with ExitStack() as stack:
        peers = [stack.enter_context(exam.visit(f"client {number}")) for number in range(exam.clients)]
        for number, peer in enumerate(peers):
            peer.send(b"I am client %d\n" % number)
        for number, peer in enumerate(peers):
            word = b"I am client %d" % number
            came = peer.datagram()
            if came != exam.answer(word):
                lost += 1
                if lost > 1:  # one datagram may be lost on the way, but hardly two
                    sent = f"a datagram with {shown(word)} from {peer.name}"
                    meaning = OLD_BYTES if is_longer(came, exam.answer(word)) else UNKNOWN
                    if kind_of(came) == "refused" and not has_ended(exam):
                        meaning = CONNECTED
                    if isinstance(came, bytes) and each_is_answered(peers[number + 1 :]):
                        meaning = OVERWRITTEN
                    raise NotMet(sent, shown(exam.answer(word)), shown(came), meaning, kind="foreign")
        for peer in reversed(peers):
            exam.hello(peer)


def each_is_answered(peers):
    """Return whether each of these clients gets an answer, to whomever it belongs: then addresses are right, and contents are not."""
    return all(isinstance(peer.datagram(), bytes) for peer in peers)


@requirement(
    "silent",
    "the server ends when a client does not wait for its answer",
    ["Nobody has to be there when your answer goes out.", "What does sendto() or recvfrom() raise? Look into the log."],
    read=["01"],
)
def gone(exam):
    """clients that ask and leave without waiting delay nobody"""
    for _ in range(VISITS):
        with exam.visit("one that does not wait") as hasty:
            hasty.send(b"hello\n")
    with exam.visit("the next client") as ben:
        exam.hello(ben)


WAITS_FOR_NEWLINE = Diagnosis(
    "the server waits for a newline, and keeps what came until then; UDP is no stream: a datagram comes whole, and alone",
    (
        "What does your server do with a datagram without a newline? Whose bytes does it join with the next one?",
        "recvfrom() gives you one whole datagram: answer it. There is no rest that comes later, and nothing to keep.",
    ),
    ("01",),
)


@requirement(
    "datagrams",
    "a datagram is taken for a line: it may hold several, and it is answered with one datagram that has all of the answer",
    [
        "How many datagrams does your server send for one with two lines? And what happens to the second line?",
        "One question is one datagram, and so is its answer, whatever newlines are in them.",
    ],
    read=["01"],
    when={"nothing": WAITS_FOR_NEWLINE},
)
def datagrams(exam):
    """a datagram is a message, with one line, with two, or without a newline: it is answered with one datagram"""
    with exam.visit("Ann") as ann:
        for data in b" no newline ", b"one\ntwo\n":
            ann.send(data)
            came = ann.datagram()
            lines = data.removesuffix(b"\n")
            if came not in (exam.answer(lines), b"\n".join(map(exam.answer, lines.split(b"\n")))):
                sent = f"one datagram, {shown(data)}, from Ann"
                meaning = STRIPS if came == exam.answer(lines.strip()) else UNKNOWN
                raise NotMet(sent, shown(exam.answer(lines)), shown(came), meaning, kind_of(came))


@requirement("binary", *diagnosis.TAKEN_FOR_TEXT)
def binary(exam):
    """every byte value comes back unchanged"""
    line = bytes(value for value in range(256) if value != ord("\n"))
    with exam.visit("Ann") as ann:
        ann.send(line + b"\n")
        came = ann.datagram()
        if came != exam.answer(line):
            meaning = what_became_of_bytes(exam, line, came, b"")
            raise NotMet(f"a datagram with {shown(line)} from Ann", shown(exam.answer(line)), shown(came), meaning, kind_of(came))


@requirement(
    "big datagram",
    "recvfrom() takes as many bytes as it is told, and the rest of the datagram is gone: socketserver takes 8,192 (max_packet_size)",
    [
        "How many bytes does your server receive at most? Where does the rest of a longer datagram go?",
        "Ask recvfrom() for 65,535 bytes; in socketserver that number is max_packet_size.",
    ],
    read=["06", "07"],
)
def big_datagram(exam):
    """a datagram of 9,000 bytes is answered whole"""
    with exam.visit("Ann") as ann:
        try:
            exam.hello(ann, b"." * (BIG - 1))
        except NotMet as problem:
            raise but(problem, SENT_IN_PART if exam.shows_calls and exam.received(ann) >= BIG else UNKNOWN) from None


SENT_IN_PART = Diagnosis(
    "the datagram was received whole, and its answer is only a part of it",
    ("What happens between recvfrom() and sendto()? Print both lengths.", "sendto() sends a datagram whole: give it all of the answer."),
    ("01",),
)


REQUIREMENTS = [answers, addresses, datagrams, empty, gone, binary, big_datagram]
