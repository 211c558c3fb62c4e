"""The requirements for a TCP server that answers lines, tested over the wire alone."""

import contextlib
import functools
import itertools
import math
import re
import select
from contextlib import ExitStack
from pathlib import Path

from clients.examiner import diagnosis, unclosed, unserved
from clients.examiner import mistakes_tcp as mistakes
from clients.examiner.exam import start_with
from clients.examiner.peers import HALF, LEFT_OVER, LONGEST, Instead, kind_of, shown
from clients.examiner.requirements import UNKNOWN, NotAsked, NotMet, requirement
from clients.examiner.waiting import HAS_PROC
from servers.runtime import LaunchError

VISITS = 40  # clients in a row: enough to catch a server that distributes them to its workers at random
LONG = 60_000  # bytes in a long line; the course's servers take 65,536
FULL = 10_000, 16_384  # bytes in a line, with its newline, that exactly fill the usual buffers, such as 1,000 or 1,024
FLOOD = 1_000  # lines of 4,000 bytes: more than all buffers between a narrow client and a server hold
MORE = 50  # lines sent after the buffers are full
PARTS = 10  # lines of 4,000 bytes, for a slow server, or one whose send() takes at most 1,000 bytes
SPILL = 150  # lines of 1,000 bytes: more than the buffer of a file holds, io.DEFAULT_BUFFER_SIZE or one of 64 or 128 KiB
MANY_EVENTS = 4_000  # recorded for the long lines: a server that takes some 40 bytes at a time is slow
POKES = 20  # newlines, sent one by one, that wake a server with more to read
NOTED = 0.2  # seconds at rest within which the server's event log catches up with what its clients have seen
STILL_AT_REST = 0.7  # seconds at rest after which nothing more is expected from a server that was silent before
POURS = 5  # maximum attempts of a client that does not read to send more
PAUSES = 10  # clients; a server that pauses answers most of them late
QUEUED = 4  # clients that connect while a server is stopped: socketserver's queue takes 5
STAYING = 6  # clients that connect one after another, and stay
A_PAUSE, LOOKS = 0.03, 30  # seconds between two checks of a server that has not answered yet; the maximum number of checks
RESETS = 12  # clients that reset their connections one after another: more than a small pool has workers

UNANSWERED = {  # mistakes that leave lines unanswered when they arrive together
    mistakes.FIRST_LINE_ONLY,
    mistakes.ONE_LINE_EACH_TIME,
    mistakes.READ_AHEAD,
    mistakes.WAITS_FOR_THE_REST,
    mistakes.TEXT_FILE,
    mistakes.A_FILE_EACH_TIME,
    mistakes.EDGE_TRIGGERED,
}
WRITES_AND_READS_TEXT = re.compile(r"""makefile\(\s*(?:mode\s*=\s*)?["'](rw|wr|r\+|w\+)["']""")


READS_SO_MANY = re.compile(r"\.(read|readexactly|readinto)\(\s*\w|MSG_WAITALL")
KEEPS_ERRORS = re.compile(r"\.(submit|apply_async|map_async|run_in_executor)\(")
FILE_FOR_A_LINE = re.compile(r"makefile\([^)]*\)\.readline")
WRITES_TO_A_FILE = re.compile(r"""makefile\([^)]*["']\w*w|wbufsize|BufferedWriter""")
READS_THE_KEYBOARD = re.compile(r"\binput\(|\bsys\.stdin\b")
READS_A_FILE = re.compile(r"makefile|rfile")


def but(problem, meaning):
    """Return the same problem, with another meaning if there is one."""
    if meaning and meaning != UNKNOWN:
        problem.diagnosis = meaning
    return problem


@requirement(
    "answers",
    "the answer is not the line that was sent",
    ["Try it by hand first: nc 127.0.0.1 PORT, then type a line.", "Compare the answer with the line, byte by byte."],
    ["00", "01"],
    {"half": mistakes.NO_NEWLINE, "end": mistakes.CLOSES_AT_ONCE, "reset": mistakes.CLOSES_AT_ONCE, "nothing": mistakes.NO_ANSWER},
)
def answers(exam):
    """a line is answered, and the next one too"""
    with exam.visit("Ann") as ann:
        try:
            exam.hello(ann)
        except NotMet as problem:
            if problem.kind == "nothing":
                has_told = exam.own_error() == diagnosis.ITS_ERROR  # a guess must not override it
                raise but(problem, UNKNOWN if has_told else why_nothing(exam, ann)) from None
            if problem.kind == "half":  # the answer was right so far
                raise
            if problem.kind in ("end", "reset"):
                if was_shut_by_parent(exam):
                    raise but(problem, diagnosis.SHUT_BY_PARENT) from None
                if b"hello" in ann.came.lower():
                    raise but(problem, mistakes.ONE_ANSWER_CUT) from None
                made = tuple(sorted(calls(exam, ann) - {"shutdown"}))
                meaning = {("accept",): diagnosis.NOT_CALLED, ("accept", "receive"): diagnosis.LEFT_UNSEEN}
                raise but(problem, meaning.get(made, UNKNOWN)) from None
            if problem.kind == "other" and (ann.line() == exam.answer(b"hello") or speaks_unasked(exam)):
                raise but(problem, mistakes.SPEAKS_FIRST) from None
            raise but(problem, what_became_of_hello(exam, ann, problem)) from None
        try:
            exam.hello(ann, b"Hello again")  # with a capital letter
        except NotMet as problem:
            meaning = mistakes.ANSWERS_ONCE if problem.kind in ("nothing", "end", "reset") else UNKNOWN
            if problem.came == "''" and ann.line() == exam.answer(b"Hello again"):
                meaning = mistakes.ANSWERS_THE_REST if once_for_both(exam) else mistakes.NEWLINE_TWICE
            elif problem.came == "'Hello'":
                meaning = mistakes.CUT_AT_BLANKS
            elif problem.came.lower() == "'hello again'":
                meaning = mistakes.CHANGES_LETTERS
            if problem.kind == "nothing" and unserved.is_in_selector(exam.server) and exam.received(ann) <= len(b"hello\n"):
                meaning = mistakes.NOT_ASKED_FOR
            if problem.kind in ("end", "reset") and was_shut_by_parent(exam):  # after the first answer, if the child was quick
                meaning = diagnosis.SHUT_BY_PARENT
            raise but(problem, meaning) from None


def what_became_of_hello(exam, peer, problem):
    """Return the Diagnosis of a wrong answer to 'hello', over TCP or UDP; UNKNOWN if it is not like the question."""
    if "b'hello" in problem.came:
        return mistakes.STR_OF_BYTES
    if problem.came == "'hello\\r'":
        return mistakes.CARRIAGE_RETURN
    if "hello" in problem.came:
        return mistakes.BUT_MORE
    if problem.came.lower() == "'hello'":
        return mistakes.CHANGES_LETTERS
    try:
        exam.hello(peer, b"something else")
    except NotMet as another:
        if another.kind == "other" and another.came == problem.came:
            return mistakes.THE_SAME_AGAIN
    return UNKNOWN


def once_for_both(exam):
    """Return whether two non-empty lines in one piece are both answered, with nothing in between."""
    with contextlib.suppress(NotMet), exam.visit("Ann, once more") as ann:
        ann.send(b"one\ntwo\n")
        return ann.lines(2) == [exam.answer(b"one"), exam.answer(b"two")]


def speaks_unasked(exam):
    """Return whether anything comes to a client that has sent nothing."""
    with contextlib.suppress(NotMet), exam.visit("one who says nothing") as silent:
        return comes(silent)


def was_shut_by_parent(exam):
    """Return whether the parent shut the connection down; wait for the event, since the client may see the end first."""
    return exam.shows_calls and exam.until(lambda: diagnosis.parent_shuts(exam.server), at_rest=NOTED)


def why_nothing(exam, ann):
    """Return why no answer comes, judged by the server's calls, and by what does make it answer."""
    if exam.shows_calls:
        made = calls(exam, ann)
        if "accept" not in made:
            return mistakes.NOT_ACCEPTED
        if "receive" not in made and any(event.kind == "receive" and event.peer == ann.local for event in exam.server.events()):
            return mistakes.READS_A_NUMBER  # receive was called, but one line is not enough for it
        if "receive" not in made:
            if comes_with_others(exam, ann):
                return mistakes.WAITS_FOR_OTHERS
            if "another program" in exam.server.unseen:
                ann.finish()
                return mistakes.A_PROGRAM_BUFFERS if comes(ann) else mistakes.NOT_READ
            return mistakes.KEPT_BY_A_POOL if KEEPS_ERRORS.search(diagnosis.text_of(exam.server)) else mistakes.NOT_READ
        if "send" in made:
            return diagnosis.ONE_CONNECTION
    ann.send(b"hello\r\n")
    if comes(ann):
        return mistakes.SKIPS_LINES if answers_the_second(exam, ann) else mistakes.WANTS_CRLF
    ann.send((b"." * 999 + b"\n") * SPILL)
    if comes(ann):
        return mistakes.READS_A_NUMBER if READS_SO_MANY.search(diagnosis.text_of(exam.server)) else mistakes.UNFLUSHED
    ann.finish()
    if not comes(ann):
        if READS_THE_KEYBOARD.search(diagnosis.text_of(exam.server)):
            return mistakes.ASKS_THE_KEYBOARD
        return mistakes.PRINTS_IT if exam.server and "hello" in exam.new_log else mistakes.NO_ANSWER
    return mistakes.UNFLUSHED if WRITES_TO_A_FILE.search(diagnosis.text_of(exam.server)) else mistakes.READS_TO_THE_END


def answers_the_second(exam, ann):
    """Return whether of two lines only the second is answered."""
    ann.came = b""
    ann.send(b"one\ntwo\n")
    return comes(ann) and ann.line() == exam.answer(b"two")


def calls(exam, peer):
    """Return the kinds of events on this client's connection, with "receive" only if it brought bytes."""
    events = exam.server.events() if exam.server and exam.server.watch else []
    done = [event for event in events if event.peer == peer.local and event.end]
    return {event.kind for event in done if event.kind != "close" and (event.kind != "receive" or event.bytes)}


def comes(peer):
    """Return whether anything comes from a server that has been silent so far."""
    piece = peer.piece(STILL_AT_REST)
    if isinstance(piece, Instead):
        return False
    peer.came += piece
    return True


def comes_with_others(exam, ann):
    """Return whether anything comes once other, silent clients have connected."""
    with ExitStack() as others:
        with contextlib.suppress(NotMet):  # the server may not accept so many
            for _ in range(exam.clients):
                others.enter_context(exam.visit("another client"))
        return comes(ann)


@requirement("prompt", *mistakes.LATE)
def prompt(exam):
    """clients come one after another, and each of their lines is answered as soon as it has come"""
    if exam.server is None:
        raise NotAsked("over the wire alone it is not seen whether the server computes, or waits for a time")
    late = 0
    with contextlib.suppress(NotMet):  # other requirements test whether an answer comes at all
        for number in range(PAUSES):
            with exam.visit(f"client {number + 1} of {PAUSES}, who come one after another") as ann:
                late += any([pauses(exam, ann) for _ in range(2)])  # after accept(), and between two lines
    if late > PAUSES / 2:
        what = f"two lines from each of {PAUSES} clients"
        raise NotMet(what, "each answer as soon as its line has come", ANSWERS_LATE, kind="late")


ANSWERS_LATE = "most answers after a pause in which the server computed nothing"


def pauses(exam, ann):
    """Ask, and return whether the server was idle for a while before it answered."""
    ann.send(b"hello\n")
    looks = []  # CPU seconds used so far; None if the server was running or runnable
    while not select.select([ann.socket], [], [], A_PAUSE)[0] and len(looks) < LOOKS:
        looks.append(None if exam.busy() else exam.cpu())
    ann.expect(exam.answer(b"hello"))
    return any(look is not None and look == after for look, after in itertools.pairwise(looks))


@requirement("pieces", *mistakes.RECV_IS_A_LINE, {"nothing": mistakes.FORGETS_THE_FIRST_HALF})
def pieces(exam):
    """a line that comes in two or three pieces is one line, even if a character is cut in two"""
    with exam.visit("Ann") as ann:
        try:
            exam.hello(ann)
        except NotMet as problem:  # even a line in one piece fails
            seen = problem.kind != "nothing" or problem.diagnosis.mistake
            raise but(problem, UNKNOWN if seen else unserved.who_is_stuck(exam.server, ann.local)) from None
        arrived = len(b"hello\n")
        for *early, last in [*[(b"hel", b"lo"), ("你".encode()[:1], "你好".encode()[1:])] * 2, (b"in th", b"ree pie", b"ces")]:
            for piece in early:
                ann.send(piece)
                arrived += len(piece)
                exam.let_arrive(ann, arrived)
            ann.send(last + b"\n")
            arrived += len(last) + 1
            ann.sent = f"{', and a moment later '.join(map(shown, [*early, last]))} and a newline"
            expected = exam.answer(b"".join([*early, last]))
            try:
                ann.expect(expected)
            except NotMet as problem:
                meaning, cut = what_became_of_text(expected, problem.came, ann.came), len(early[0])
                if problem.came in leniently(expected[:cut], expected[cut:]):
                    meaning = mistakes.HALF_A_CHARACTER
                elif meaning == UNKNOWN and sends_old_bytes(exam):
                    problem.kind = "foreign"
                    raise but(problem, mistakes.STALE_BYTES) from None
                tails = {shown(exam.answer(b"".join([*early[number:], last]))) for number in range(1, len(early) + 1)}
                raise but(problem, mistakes.FORGETS_THE_FIRST_HALF if problem.came in tails else meaning) from None


def sends_old_bytes(exam):
    """Return whether extra bytes follow the answer to a short line that came after a longer one."""
    with contextlib.suppress(NotMet), exam.visit("Ann, once more") as ann:
        exam.hello(ann, b"a line that is longer")
        exam.hello(ann, b"short")
        return bool(ann.came) or comes(ann)
    return False


def what_became_of_text(line, came, half=b""):
    """Return the Diagnosis of what came, as it is shown, instead of a line; UNKNOWN if no encoding explains it. `half`: see below."""
    characters = len(line.decode(errors="replace"))
    if characters < len(line) and (came == shown(line[:characters]) or half == line[: characters + 1]):
        return mistakes.COUNTS_CHARACTERS
    if came == shown(line.decode("latin-1").encode()):
        return mistakes.TWO_ENCODINGS
    return mistakes.DECODES_LENIENTLY if came in leniently(line) else UNKNOWN


def leniently(*pieces):
    """Return the possible answers, as shown, of a server that decodes each piece by itself and replaces or drops invalid bytes."""
    ways = list(itertools.product(["utf-8", "ascii"], ["replace", "ignore"]))
    return {shown("".join(piece.decode(*read) for piece in pieces).encode(*written)) for read in ways for written in ways}


@requirement("joined", *mistakes.RECV_IS_A_LINE, {"nothing": mistakes.FIRST_LINE_ONLY, "end": mistakes.EMPTY_IS_THE_END})
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
                meaning = mistakes.STRIPS
            elif came == exam.answer(b" ".join(line.split())):
                meaning = mistakes.SPLITS_WORDS
            elif came in [exam.answer(line) for line in lines[number:]]:
                later = exam.answer(line) in ann.lines(len(lines) - number)
                meaning = mistakes.OUT_OF_ORDER if later else mistakes.EMPTY_IS_SKIPPED if not line else mistakes.FIRST_LINE_ONLY
            elif kind_of(came) == "nothing" and number > 1 and WRITES_AND_READS_TEXT.search(diagnosis.text_of(exam.server)):
                meaning = mistakes.TEXT_FILE
            elif kind_of(came) == "nothing" and number == 1:
                meaning = mistakes.EMPTY_IS_SKIPPED if once_for_both(exam) else mistakes.FIRST_LINE_ONLY
            elif kind_of(came) == "nothing":
                ann.send(b"one more\n")
                meaning = mistakes.ONE_LINE_EACH_TIME if comes(ann) and ann.line() == exam.answer(line) else mistakes.FIRST_LINE_ONLY
                if meaning == mistakes.ONE_LINE_EACH_TIME and reads_a_file_in_selector(exam, ann):
                    meaning = mistakes.READ_AHEAD
            elif kind_of(came) in ("end", "reset") and number > 1:
                meaning = mistakes.FIRST_LINE_ONLY
            if meaning == mistakes.FIRST_LINE_ONLY and FILE_FOR_A_LINE.search(diagnosis.text_of(exam.server)):
                meaning = mistakes.A_FILE_EACH_TIME
            if kind_of(came) == "nothing" and meaning == mistakes.FIRST_LINE_ONLY and serves_no_more(exam, ann):
                meaning = unserved.STUCK_WITH_IT
            raise but(problem, meaning)
        first, second = b"sleep 0.2", b"later"  # a server without a `sleep` command answers both at once
        ann.send(first + b"\n" + second + b"\n", f"{shown(first)} and {shown(second)} in one piece")
        came = ann.line()
        if came == exam.answer(second):
            raise but(ann.not_met(exam.answer(first), came), mistakes.OUT_OF_ORDER)
        if came == exam.answer(first) and ann.line() == exam.answer(second) and not exam.meant(pieces):  # then that finding is enough
            expect_both(exam, ann)


def reads_a_file_in_selector(exam, ann):
    """Return whether the thread serving this client waits in a selector and, judged by the source text, reads from a file."""
    return unserved.serves_from_a_selector(exam.server, ann.local) and READS_A_FILE.search(diagnosis.text_of(exam.server))


def serves_no_more(exam, ann):
    """Return whether this client is no longer read from, or no client is answered even after it has left."""
    if unserved.nobody_reads_from(exam.server, ann.local):
        return True
    ann.close()
    try:
        with exam.visit("the next client") as ben:
            exam.hello(ben)
    except NotMet:
        return True
    return False


def expect_both(exam, ann):
    """Send a piece that ends in the middle of its second line: expect the whole line's answer at once, the other's later."""
    both = [exam.answer(b"four"), exam.answer(b"five")]
    ann.send(b"four\nfi", "'four\\nfi' in one piece")
    try:
        ann.expect(both[0])
        ann.send(b"ve\n", "'four\\nfi' in one piece, and a moment later 've' and a newline")
        ann.expect(both[1])
    except NotMet as problem:
        if problem.kind == "nothing" and problem.expected == shown(both[0]):
            ann.send(b"ve\n")
            later = comes(ann) and ann.lines(2) == both
            raise but(problem, mistakes.WAITS_FOR_THE_REST if later else mistakes.FORGETS_THE_FIRST_HALF) from None
        lost = problem.kind == "nothing" or problem.came == shown(exam.answer(b"ve"))
        raise but(problem, mistakes.FORGETS_THE_FIRST_HALF if lost else UNKNOWN) from None


@requirement("binary", *diagnosis.TAKEN_FOR_TEXT, {"other": mistakes.DECODES_LENIENTLY})
def binary(exam):
    """every byte value comes back unchanged, except the newline, which ends a line"""
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
            raise but(problem, mistakes.CARRIAGE_RETURN_LOST if problem.came == shown(exam.answer(line[:-1])) else UNKNOWN) from None


def what_became_of_bytes(exam, line, came, half):
    """Return the Diagnosis of what came instead of a line with all bytes; `half`: what came without a newline."""
    if not isinstance(came, bytes):
        return mistakes.ZERO_ENDS_IT if half and half == exam.answer(line).partition(b"\0")[0] else UNKNOWN
    if came == exam.answer(line).partition(b"\0")[0] != exam.answer(line):
        return mistakes.ZERO_ENDS_IT
    if (cut := came.removesuffix(b"\r")) and exam.answer(line.partition(b"\r")[0]).startswith(cut):
        return mistakes.SPLITS_LINES
    if came.split() == exam.answer(line).split():
        return mistakes.SPLITS_WORDS
    meaning, left = what_became_of_text(line, shown(came)), iter(exam.answer(line))
    in_order = all(byte in left for byte in came) and not exam.answer(line).startswith(came)
    return mistakes.LEAVES_OUT if meaning == UNKNOWN and in_order else meaning


@requirement("long line", *mistakes.TOO_SHORT)
def long_line(exam):
    """a line of 60,000 bytes is answered whole, and one that fills a buffer to the last byte"""
    line, begun = b"long" * (LONG // 4), exam.events_so_far()
    with exam.visit("Ann") as ann:
        try:
            exam.hello(ann, line)
            exam.hello(ann, b"short")
        except NotMet as problem:
            edge = problem.kind in ("nothing", "half") and reads_on_when_poked(exam, ann)
            raise but(problem, mistakes.EDGE_TRIGGERED if edge else UNKNOWN) from None
        for size in FULL:
            try:
                exam.hello(ann, b"f" * (size - 1))
            except NotMet as problem:
                ann.send(b"\n")
                raise but(problem, mistakes.SHORT_IS_THE_END if problem.kind == "nothing" and comes(ann) else UNKNOWN) from None
    exam.slow = exam.events_so_far() - begun > MANY_EVENTS


def reads_on_when_poked(exam, ann):
    """Return whether the server, each time something new comes, reads only a part of the waiting bytes."""
    if exam.server is None or not exam.server.watch:
        return False
    for _ in range(POKES):
        before = exam.received(ann)
        ann.send(b"\n")
        exam.until(lambda before=before: exam.received(ann) > before, at_rest=0.3)
        if exam.received(ann) <= before:
            return False
        if exam.received(ann) - before > 1:  # more than this one newline: old bytes were waiting
            return True
    return False


@requirement("half-close", *mistakes.NEVER_CLOSED)
def half_close(exam):
    """a client that has sent its last line is still answered, everything, and then sees the end of the connection"""
    what = "lines from Ann, who then finishes (SHUT_WR), and only then reads"
    with ExitStack() as stack:
        ann, ben = stack.enter_context(exam.visit("Ann", narrow=True)), None
        if exam.concurrent:  # a child forked for a later client must not keep Ann's connection open
            ben = stack.enter_context(exam.visit("Ben, who has come after Ann, and stays"))
            exam.hello(ben)
        gone = ann.pour(enough(exam))
        ann.finish()
        exam.until(exam.rests, 4)  # let it see the end before Ann reads what it may still have to send
        *lines, half = enough(exam)[:gone].split(b"\n")  # the server may have stopped reading in the middle of a line
        expect_all(exam, ann, lines, what, half)
        expect_the_end(exam, ann, what)
        if ben:  # no later client's connection replaces his
            ben.finish()
            expect_the_end(exam, ben, "a line from Ben, who came last, and who finishes (SHUT_WR) after its answer")
    if not exam.slow and unserved.serves_from_a_selector(exam.server, ann.local) and not exam.meant(all_of_it):
        expect_what_is_unsent(exam)
    if not exam.meant(pieces, joined, all_of_it):
        expect_what_was_said_before(exam)


def expect_what_was_said_before(exam):
    """Test the same with a line that the server receives, together with the end, while it is still busy with an earlier one."""
    lines = b"sleep 0.2", b"the last one"  # a server without a `sleep` command answers both at once
    what = f"{' and '.join(map(shown, lines))}, then the end (SHUT_WR), from Ann"
    with exam.visit("Ann, who says all at once") as ann:
        ann.send(b"\n".join(lines) + b"\n")
        ann.finish()
        came = [ann.line() for _ in lines]
        if came != list(map(exam.answer, lines)):
            meaning = mistakes.LEAVES_A_LINE if kind_of(came[-1]) == "end" else UNKNOWN
            raise NotMet(what, "an answer to each, then the end of the connection", shown(came[-1]), meaning)
        expect_the_end(exam, ann, what)


def expect_what_is_unsent(exam):
    """Test the same with a send() that takes only a part, so that answers are still unsent when the server sees the end."""
    try:
        start_with(exam.server, "partial")
    except LaunchError:
        return exam.start_anew()
    what = "lines and the end (SHUT_WR) from Ann, to a server whose send() takes a part of what it is given"
    with exam.visit("Ann, of whom each send() takes a part") as ann:
        exam.hello(ann)
        with exam.stopped():
            ann.send(b"\n".join(flood()[:PARTS]) + b"\n")
            ann.finish()
        expect_all(exam, ann, flood()[:PARTS], what)
        expect_the_end(exam, ann, what)
    exam.start_anew()


def expect_all(exam, ann, lines, what, half=b""):
    """Expect the answers to all these lines, after a client has sent its last. `half`: an incomplete last line."""
    came, expected = ann.drain(b"", len(lines)), [exam.answer(line) for line in lines]
    if came[: len(lines)] == expected:
        return
    if half and came[-1:] == [exam.answer(half)]:
        came.pop()
    both = list(zip(came, expected, strict=False))
    if any(in_part(*pair) for pair in both):
        meant = exam.meant(pieces, joined, long_line) or mistakes.RECV_IS_A_LINE
        raise NotMet(what, "an answer to each", "answers in pieces", meant)
    if any(one != other for one, other in both):
        raise NotMet(what, "an answer to each", "answers with a hole between them", exam.meant(all_of_it) or mistakes.SENDS_A_PART)
    raise NotMet(what, "an answer to each", "fewer answers", exam.meant(all_of_it) or who_hung_up(exam, ann))


def expect_the_end(exam, peer, what):
    end = peer.line()
    if isinstance(end, bytes):  # the answer to the incomplete line
        end = peer.line()
    if isinstance(end, Instead) and end.endswith("the end of the connection"):
        return
    meaning = UNKNOWN
    if isinstance(end, bytes) or end.kind == "endless":
        meaning = unserved.ASKS_THE_GONE
    elif end.kind == "reset":
        meaning = mistakes.LINGERS_NOT
    elif end.kind in ("nothing", "half"):
        meaning = unclosed.who_keeps(exam.server)
    raise NotMet(
        what,
        "an answer to each, then the end of the connection",
        f"all the answers, then {shown(end).rpartition(HALF)[2]}",  # how much of the last line came is random
        meaning,
    )


def who_hung_up(exam, ann):
    """Return why answers are missing: the connection was closed early, or reset, which drops unsent bytes."""
    was_reset = ann.was_reset or kind_of(ann.piece()) == "reset"
    return mistakes.LINGERS_NOT if was_reset and "RDHUP" not in diagnosis.text_of(exam.server) else mistakes.HANGS_UP


@requirement("concurrency", *unserved.ONE_AFTER_ANOTHER, {"foreign": diagnosis.ONE_CONNECTION})
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
            for number in [*range(exam.clients - 1, -1, -1), *range(exam.clients)]:  # and the conversations continue
                exam.hello(peers[number], words[number])
        except NotMet as problem:
            if problem.kind == "foreign":  # this client was answered as well: the last one asked first
                raise but(problem, mistakes.TO_ALL) from None
            if problem.kind in ("end", "reset", "nothing") and exam.until(
                lambda: any(word in peer.rest() for peer in peers for word in words), at_rest=NOTED
            ):
                problem.kind = "foreign"
                raise but(problem, diagnosis.ONE_CONNECTION) from None
            if problem.kind == "nothing" or problem.kind == "full":
                raise but(problem, unserved.who_waits(exam.server, [peer.local for peer in peers])) from None
            raise
    exam.concurrent = True
    if exam.server and HAS_PROC:
        come_at_once(exam)
    if exam.server and late_while_others_stay(exam) > STAYING / 2:
        what = f"a line from each of {STAYING} clients who come one after another, and stay"
        raise NotMet(what, "each answer as soon as its line has come", ANSWERS_LATE, mistakes.LATE, "late")


def come_at_once(exam):
    """Connect some clients while the server is stopped: the listener's queue must have room for them."""
    with ExitStack() as stack:
        with exam.stopped():
            try:
                peers = [stack.enter_context(exam.visit(f"one of {QUEUED} who come at the same moment")) for _ in range(QUEUED)]
            except NotMet as problem:
                raise but(problem, mistakes.SHORT_QUEUE) from None
        for peer in peers:
            exam.hello(peer)


def late_while_others_stay(exam):
    """Return how many clients are answered late while earlier ones stay connected."""
    late = 0
    with contextlib.suppress(NotMet), ExitStack() as stack:
        for number in range(STAYING):
            late += pauses(exam, stack.enter_context(exam.visit(f"client {number + 1} of {STAYING}, who stay")))
    return late


@requirement("silent", *unserved.LOOP_BLOCKED, {"foreign": mistakes.SHARED_BUFFER})
def silent(exam):
    """a silent client, and one that stops in the middle of a line, delay nobody; in asyncio, neither does a `sleep`"""
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
            in_time = mistakes.RECV_IS_A_LINE if exam.meant(pieces) else mistakes.PAUSE_IS_THE_END
            raise but(problem, mistakes.FORGETS_THE_FIRST_HALF if lost else in_time) from None
    if exam.concurrent and uses_asyncio(exam.server) and all(waits_for_a_sleep(exam) for _ in range(2)):
        what = "'hello' from Ben, while the line 'sleep 0.3' of another one waits"
        raise NotMet(what, "its answer at once", "an answer when that was over", mistakes.SLEEPS_IN_THE_LOOP)


def uses_asyncio(server):
    """Return whether a process of the server has loaded asyncio (Linux only). A thread around select() blocks by design."""
    for pid in server.pids() if server else ():
        with contextlib.suppress(OSError):  # the process has ended, or this is not Linux
            if "_asyncio." in Path(f"/proc/{pid}/maps").read_text():
                return True
    return False


def waits_for_a_sleep(exam):
    """Return whether a client is answered only after another one's `sleep`. Without a `sleep` command, False."""
    with exam.visit("one who asks for a pause") as sleeper, exam.visit("Ben") as ben:
        exam.hello(ben)
        sleeper.send(b"sleep 0.3\n")
        exam.let_arrive(sleeper, len(b"sleep 0.3\n"))
        sleeps = not select.select([sleeper.socket], [], [], A_PAUSE)[0]
        exam.hello(ben)
        is_over = bool(select.select([sleeper.socket], [], [], 0)[0])
        sleeper.line()  # so that it closes cleanly: resets are another requirement
        return sleeps and is_over


@requirement("slow reader", *mistakes.WAITS_IN_SEND)
def slow_reader(exam):
    """a client that sends a lot and reads none of the answers delays nobody"""
    who = "Ben, whose neighbour does not read"
    with one_after_another(exam), exam.visit(who) as ben, exam.visit("the slow reader", narrow=True) as slow:
        gone = 0
        for _ in range(POURS):  # on a busy machine, a server that is not scheduled for a while seems to have stopped reading
            more = slow.pour(flooding()[gone:])
            gone += more
            rests = exam.until(exam.rests, 2)
            try:
                exam.hello(ben)
            except NotMet as problem:
                raise but(problem, why_nobody_is_served(exam) if problem.kind == "nothing" else UNKNOWN) from None
            if not more:
                break
        for _ in range(VISITS):
            with exam.visit("Cem, while another does not read") as cem:
                exam.hello(cem)
        lines, came = read_late(exam, slow, gone, LONGEST)  # so that it closes cleanly, too: resets are another requirement
    if came == [exam.answer(line) for line in lines]:
        exam.shown.add("all of it")
    if rests and not more and gone < len(flooding()):  # it has stopped reading
        exam.shown.add("memory")


def read_late(exam, slow, gone, seconds=math.inf):
    """Let a client that has sent so many bytes of the flood begin to read, and send some more; return its lines, and what came."""
    lines = flood()[: gone // len(flood()[0] + b"\n") + (1 if exam.slow else MORE)]
    return lines, slow.drain(flooding()[gone : len(lines) * len(lines[0] + b"\n")], len(lines), seconds)


def why_nobody_is_served(exam):
    """Return why no client is answered while one does not read, if no thread is blocked in send()."""
    if not exam.rests():
        return mistakes.SPINS_IN_SEND
    in_loop = unserved.is_in_selector(exam.server) and "await" in diagnosis.text_of(exam.server)
    return unserved.WAITS_FOR_A_TURN if in_loop else UNKNOWN


@contextlib.contextmanager
def one_after_another(exam):
    """Give a client that waits here the diagnosis of those that waited before: it is the same mistake."""
    try:
        yield
    except NotMet as problem:
        raise but(problem, exam.meant(concurrency) if problem.kind in ("nothing", "full") else UNKNOWN) from None


@requirement("all of it", *mistakes.SENDS_A_PART)
def all_of_it(exam):
    """answers that a client is slow to take arrive whole, and in order"""
    what = "many lines of 4,000 bytes from a client that begins to read late"
    with exam.visit("the slow reader", narrow=True) as slow:
        gone = slow.pour(flooding())  # more than all buffers hold, unless the server reads all of it
        lines, came = read_late(exam, slow, gone)
        end = slow.piece() if len(came) < len(lines) and not slow.was_reset else ""
    known = unanswered(exam)
    for number, line in enumerate(lines):
        if number >= len(came):
            raise NotMet(what, "an answer to each", "fewer", known or why_it_ends(exam, end, len(lines)))
        if came[number] == exam.answer(line):
            continue
        if in_part(came[number], exam.answer(line)):
            meaning = exam.meant(pieces, joined, long_line) or mistakes.RECV_IS_A_LINE
            raise NotMet(what, "each answer whole, in order", "an answer in pieces", meaning)
        missing = hole(came[number], line)
        later = exam.answer(line) in came[number:]
        came, meant = (ELSEWHERE, mistakes.OUT_OF_ORDER) if later else (missing, known or UNKNOWN)
        raise NotMet(what, "each answer whole, in order", came, meant)


def unanswered(exam):
    """Return the earlier Diagnosis that leaves lines unanswered when they arrive together; None if there is none."""
    return next((found for asked in (joined, long_line) if (found := exam.meant(asked)) in UNANSWERED), None)


def why_it_ends(exam, end, number):
    """Return why a conversation ends in the middle of so many lines. `end`: what came after the answers."""
    if not gave_up(exam, end) or exam.own_error() == diagnosis.ITS_ERROR:
        return UNKNOWN
    return mistakes.SO_MANY_AND_NO_MORE if ends_for_a_quick_one(exam, number) else mistakes.GIVES_UP


def ends_for_a_quick_one(exam, number):
    """Return whether a client that reads each answer at once is disconnected, too, if it asks as often."""
    with exam.visit("one who takes each answer at once") as quick:
        try:
            for _ in range(number):
                exam.hello(quick)
        except NotMet as problem:
            return problem.kind in ("end", "reset")
    return False


def gave_up(exam, end):
    """Return whether the server closed the connection and still runs. `end`: what came after the answers."""
    if end and kind_of(end) not in ("end", "reset"):
        return False
    return exam.server is None or not exam.until(lambda: not exam.server.running, 1, at_rest=STILL_AT_REST)


def hole(came, line):
    """Say how much is missing in the answer to this line, judged by the numbers in the flood's lines."""
    same = next((n for n, (a, b) in enumerate(zip(came, line, strict=False)) if a != b), min(len(came), len(line)))
    marks = re.search(rb"(\d{6}):(\d{3}) ", came[same:])
    if not marks:
        return "an answer that is none of these lines"
    missing = (int(marks[1]) * 4_000 + int(marks[2]) * STEP) - (int(line[:6]) * 4_000 + same) - marks.start()
    if missing <= 0:
        return ELSEWHERE
    return f"a hole: behind byte {same:,} of line {int(line[:6]) + 1}, {missing:,} bytes are missing"


@requirement("reset", *diagnosis.BROKE_OFF, {"foreign": mistakes.MIXED, "nobody listens": diagnosis.BROKE_OFF})
def reset(exam):
    """clients break off: at once, after a line, in the middle of a line, in the middle of the answers; all others are still served"""
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
                if problem.kind == "other" and neighbour and problem.sent.endswith(neighbour.name):  # whose buffer is older than this
                    problem.kind = "foreign"
                    raise
                seen = LEFT_OVER if problem.kind == "other" else diagnosis.HALF_A_LINE_LEFT if half else UNKNOWN
                raise but(problem, seen) from None
    for number in range(1, RESETS + 1):
        with exam.visit(f"client {number} of {RESETS}, who all break off after a line") as broken:
            break_off(exam, broken, "after a line")


def break_off(exam, broken, how):
    if how != "at once":
        exam.hello(broken)
    if how == "in the middle of a line":
        broken.send(b"half a li")
        exam.let_arrive(broken, len(b"hello\nhalf a li"))
        broken.close()  # a FIN in the middle of a line
    elif how == "in the middle of the answers":
        broken.pour(enough(exam))
        broken.reset()
    elif how == "before its answers":  # the end arrives with the lines: answering raises SIGPIPE
        broken.line_sent = b"before its answers 1"
        with exam.stopped():
            broken.send(b"".join(b"before its answers %d\n" % number for number in (1, 2, 3)))
            if HAS_PROC:  # on Linux, a reset after the FIN gives EPIPE at once; elsewhere only the first answer may provoke it
                broken.finish()
                broken.reset()
            else:
                broken.close()
    else:
        broken.reset()


def in_part(came, expected):
    """Return whether this is only the beginning or the end of what was expected."""
    return came != expected and (expected.startswith(came) or bool(came) and expected.endswith(came))


ELSEWHERE = "answers in another order than the lines"
STEP = 11  # bytes from one number in a line of the flood to the next


@functools.cache
def flood():
    """Return lines of 3,999 bytes made of numbers, each of which gives the line and its position in it."""
    numbers = b"".join(b"??????:%03d " % number for number in range(3_999 // STEP + 1))[:3_999]
    return [numbers.replace(b"??????", b"%06d" % line) for line in range(FLOOD)]


@functools.cache
def flooding():
    """Return the same lines as they are sent."""
    return b"\n".join(flood()) + b"\n"


def enough(exam):
    """Return what fills all buffers, or only some lines of it for a slow server, whose buffers were full for the slow reader."""
    return b"\n".join(flood()[:PARTS]) + b"\n" if exam.slow else flooding()


FIRST = [
    answers,
    prompt,
    pieces,
    joined,
    binary,
    long_line,
    concurrency,
]
LAST = [  # with crowds and long waits: these need a server that is idle when no client asks
    silent,
    slow_reader,
    all_of_it,
    half_close,
    reset,
]
