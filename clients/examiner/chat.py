"""The requirements for the chat server of lesson 12, whose protocol is one page of that lesson."""

import time
from collections import deque
from contextlib import ExitStack

from clients.examiner import diagnosis, requirements_processes, requirements_tcp, unserved
from clients.examiner import mistakes_chat as mistakes
from clients.examiner.exam import LATER, TIMEOUT, examine
from clients.examiner.peers import NOTHING, kind_of, shown
from clients.examiner.requirements import UNKNOWN, NotMet, requirement
from clients.examiner.waiting import Waiting

ANSWERS, NEWS = ("OK", "NO", "HERE", "BYE"), ("SAID", "TOLD", "JOINED", "LEFT")  # the first words of a server's lines
CHATTER = 200  # lines that each of six members says at once
BURST = 100  # lines of 9,900 bytes said in a row: 1 MB
KEPT = 400  # such lines: 4 MB, which the server must keep for a member that does not read
TOO_MUCH = 1_700  # such lines: 17 MB. The limit for a member is 10 MB, and some MB are in the kernel's buffers
MAX_LINE = 10_000  # bytes in a line, without its newline: section 1 of the page
ENDLESS = 2 * MAX_LINE  # bytes without a newline
ONCE_MORE = 20  # repetitions of what a server may do right by luck
LISTENERS = 20  # members that get the news before the one that asks, so that the server takes a while to send it to all
AT_A_TIME = 12  # clients that want the same names at the same moment
GUESTS = 20  # members that join, speak and leave, all at the same moment


def examine_chat(server, timeout=TIMEOUT):
    """Examine a chat server by the protocol of lesson 12; return the Report. See examine()."""
    return examine(server, REQUIREMENTS, timeout=timeout, answer=to_a_stranger)


def to_a_stranger(line):
    """Return the answer to any line of a client that has not given its name yet."""
    return b"NO name"


class Member:
    """A member of the chat, with two queues: the answers to its commands, and the news about the others."""

    def __init__(self, exam, stack, name, room=None, mistake="", narrow=False):
        if not exam.peers and any(found.problem and found.problem.came == "'NO taken'" for found in exam.report.findings):
            exam.start_anew()  # an earlier finding already says that names are not freed: no other requirement must fail because of it
        self.peer = stack.enter_context(exam.visit(name, narrow))
        self.name, self.answers, self.news, self.heard = name, deque(), deque(), ""
        self.take_name(mistake or mistakes.STILL_THERE)
        if room:
            self.command(f"JOIN {room}", "OK", mistake)

    def take_name(self, mistake):
        """Ask for the name until it is free: the server may not have noticed yet that its last owner has left."""
        exam = self.peer.exam
        waiting = Waiting(exam.server, LATER if exam.report.failed else self.peer.timeout, exam.at_rest)
        while True:
            is_over = waiting.is_over
            self.send(f"NAME {self.name}")
            came = self.next_of(self.answers)
            if came == "OK":
                return
            if came != "NO taken" or is_over:
                if came == "NO taken" and exam.failed_in_the_log():
                    mistake = mistakes.CLEAN_UP_FAILED
                if came != "NO taken":
                    refused = mistakes.REFUSED if came == "NO name" else ""
                    mistake = self.meaning(came, "OK", refused, unanswered=why_it_waits(exam, self.peer))
                raise self.not_met("OK", came, mistake)
            time.sleep(0.02)

    def send(self, text):
        self.peer.send(text.encode() + b"\n", shown(text.encode()))

    def command(self, text, expected, mistake="", **of_no_line):
        """Send a command and check its answer."""
        self.send(text)
        self.answer(expected, mistake, no_command=mistakes.NO_SUCH_COMMAND, **of_no_line)

    def answer(self, expected, mistake="", unanswered=mistakes.NOT_ANSWERED, ended=mistakes.HANGS_UP, no_command=""):
        """Check the next answer. The mistakes: `mistake` for another answer, `unanswered` for none, `ended` for the end."""
        came = self.next_of(self.answers)
        if came == "NO command":
            mistake = mistake or no_command
        if came != expected:
            raise self.not_met(expected, came, self.meaning(came, expected, mistake, unanswered, ended))

    def not_met(self, expected, came, meaning):
        kind = "foreign" if meaning == mistakes.TO_ANOTHER else ""
        return NotMet(self.peer.sent, repr(expected), self.quoted(came), meaning, kind)

    def meaning(self, came, expected, mistake, unanswered, ended=mistakes.HANGS_UP):
        """Return the mistake if `came` is not the expected answer. The other arguments are those of answer()."""
        exam = self.peer.exam
        if came == f"!{NOTHING}":
            if unanswered and went_elsewhere(self.peer):  # not where many have asked
                return mistakes.TO_ANOTHER
            return exam.own_error().or_else(unanswered) if unanswered == mistakes.NOT_ANSWERED else unanswered
        if came.startswith("!"):
            known = exam.meant(long_lines)
            return known if known == mistakes.LIMIT_OF_ALL else mistakes.BYE_LOST if expected == "BYE" else ended
        if came.split() == expected.split():
            return mistakes.TO_THE_LETTER
        if sorted(came.split()) == sorted(expected.split()):
            ignored = came.split()[1:] == sorted(expected.split()[1:], key=str.casefold)
            return mistakes.CASE_IGNORED if ignored else mistakes.NOT_SORTED
        if expected.startswith("HERE ") and came.split() == [word for word in expected.split() if word != self.name]:
            return "the one who asks is in the room, too, but is not named"
        if came.split(" ")[0] not in ANSWERS:
            mixed = not unanswered or any(f"{word} " in came for word in NEWS)  # while many speak, this is the only likely mistake
            return all_at_once.usual if mixed else mistakes.NOT_ON_THE_PAGE
        mistake = self.of_several(mistake)
        if expected.startswith("HERE ") and set(came.split()) > set(expected.split()):
            return mistake or mistakes.TOO_MANY
        if came.startswith("HERE ") and set(came.split()) < set(expected.split()):
            if any(f"LEFT {name}" in self.news for name in set(expected.split()) - set(came.split())):
                return mistakes.LEAVES_ANOTHER
            return mistake if mistake == mistakes.DEAF else mistakes.TOO_FEW
        return mistakes.MORE_THAN_ASKED if came.startswith(f"{expected} ") else mistake

    def of_several(self, mistake):
        """Return the mistake; "" if only a server with several processes can make it, and this one has a single process."""
        exam = self.peer.exam
        return "" if mistake == mistakes.DEAF and exam.server and len(exam.family()) == 1 else mistake

    def hears(self, expected, sent, mistake=""):
        """Check the next news. `sent` names the event that it reports."""
        before, came = self.heard, self.next_of(self.news)
        self.heard = came
        if came.split() == expected.split():
            mistake = mistakes.BLANKS
        elif came in (f"JOINED {self.name}", f"LEFT {self.name}"):
            mistake = mistakes.OWN_NEWS
        elif came[:5] == expected[:5] and came.split()[2:] == expected.split()[2:] != []:
            mistake = mistakes.NAMES_ANOTHER
        elif came.startswith(f"SAID {self.name} "):
            mistake = mistakes.TO_ITSELF
        elif expected.startswith(("SAID ", "TOLD ")) and came[:5] == expected[:5] and came.split()[1:2] != expected.split()[1:2]:
            mistake = mistakes.NAMES_ANOTHER
        elif came == before:
            mistake = mistakes.LEFT_TWICE if came.startswith("LEFT ") else mistakes.TWICE
        elif expected.startswith("LEFT ") and came.startswith("LEFT "):
            mistake = mistakes.LEAVES_ANOTHER
        elif came and expected.startswith(came):
            mistake = mistake if mistake in (mistakes.SPLITS_LINES, mistakes.DECODES_PIECES) else mistakes.CUT_SHORT
        elif expected.startswith("LEFT ") and came == f"!{NOTHING}":
            mistake = mistake or mistakes.GONE_UNTOLD
        elif expected.startswith("JOINED ") and came.startswith(("JOINED ", "LEFT ")):
            mistake = mistakes.TO_ALL_ROOMS
        if came.partition(" ")[2] == expected.partition(" ")[2] and {came[:5], expected[:5]} == {"SAID ", "TOLD "}:
            mistake = mistakes.OTHER_WORD
        if came != expected:
            raise NotMet(sent, f"{self.name} to hear {expected!r}", self.quoted(came), self.of_several(mistake))

    def has_heard_nothing(self, sent, mistake):
        """Check that no news comes before the answer to a question that is asked now."""
        self.send("WHO")
        self.next_of(self.answers)
        if self.news:
            raise NotMet(sent, f"{self.name} to hear nothing of it", self.quoted(self.news[0]), mistake)

    def next_of(self, queue):
        """Return the next answer, or the next news, as text; after a "!", what came instead of a line, in words."""
        while not queue:
            line = self.peer.line()
            if isinstance(line, str):
                return f"!{line}"
            text = line.decode(errors="replace")
            word = text.split(" ")[0]
            (self.answers if word in ANSWERS else self.news if word in NEWS else queue).append(text)
        return queue.popleft()

    def quoted(self, came):
        return came[1:] if came.startswith("!") else repr(came) if len(came) < 80 else repr(came[:40])[:-1] + "...'"


def went_elsewhere(peer):
    """Return whether another client, which has asked nothing, got an answer while this one waits for its own."""
    lines = [line for other in peer.exam.peers if other is not peer for line in other.rest().split(b"\n")[:-1]]
    return any(line.partition(b" ")[0].decode(errors="replace") in ANSWERS for line in lines)


def ask(peer, line, expected, mistake):
    """Let a client without a name ask. No answer, or the end of the connection, may mean more than the given mistake."""
    try:
        peer.ask(line, expected, mistake)
    except NotMet as problem:
        if problem.kind == "nothing" and went_elsewhere(peer):
            problem.diagnosis, problem.kind = mistakes.TO_ANOTHER, "foreign"
        elif problem.kind == "end" and expected == b"BYE":
            problem.diagnosis = mistakes.BYE_LOST
        elif problem.came == "'NO named'":
            problem.diagnosis = mistakes.NAMED_IN_VAIN
        raise


def why_it_waits(exam, peer):
    """Return why this client, the last to connect, waits, if the server has read nothing from it: other clients may be the reason."""
    if len(exam.peers) < 2 or not exam.shows_calls or exam.received(peer):
        return UNKNOWN
    return unserved.who_waits(exam.server, [one.local for one in exam.peers])


def company(exam, stack, narrow=(), **rooms):
    """Return members, each in a room, with all news read. `narrow` has the names of those that get small buffers."""
    members = {}
    for name, room in rooms.items():
        members[name] = Member(exam, stack, name, room, narrow=name in narrow)
        for other in members:
            if other != name and rooms[other] == room:
                members[other].hears(f"JOINED {name}", f"'JOIN {room}' from {name}", mistakes.DEAF)
    return members.values()


@requirement(
    "answers",
    "a command is not answered with one line",
    ["Begin with two commands: NAME, and any other word. Each is answered with a line.", "b'OK\\n': is the newline there?"],
    read=["00", "12"],
)
def answers(exam):
    """NAME is answered with OK, and a line that is no command with NO command"""
    with ExitStack() as stack:
        ann = Member(exam, stack, "ann")
        ann.command("DANCE", "NO command", "what is no command is answered like one")


@requirement(
    "names",
    "the name is not kept where all threads can see it, or it is not given back",
    [
        "Where does the server keep the names of all clients? Who can look there?",
        "First see whether the name is taken, then take it; with threads, do both while you hold one lock.",
    ],
    read=["02", "03", "12"],
)
def names(exam):
    """a client without a name can do nothing; a name is 1 to 20 letters or digits, and belongs to one client"""
    with ExitStack() as stack:
        stranger = stack.enter_context(exam.visit("a stranger"))
        for line in "WHO", "SAY hello", "JOIN kitchen":
            ask(stranger, line.encode(), b"NO name", mistakes.NOT_YET)
        for line in "NAME", "NAME two words", "NAME !", "NAME a_b", f"NAME {'x' * 21}":
            ask(stranger, line.encode(), b"NO name", mistakes.NO_NAME)
        ann = Member(exam, stack, "ann")
        several = exam.server is not None and len(exam.family()) > 1
        long = stack.enter_context(exam.visit("one with a long name"))
        ask(long, b"NAME " + b"x7" * 10, b"OK", mistakes.REFUSED)
        ask(stranger, b"NAME ann", b"NO taken", mistakes.DEAF if several else "two may have the same name, or each knows only its own")
        ask(stranger, f"NAME {'小明' * 10}".encode(), b"OK", mistakes.ANY_LETTERS)
        ann.command("NAME anna", "NO named", mistakes.NAMED)
        other = stack.enter_context(exam.visit("one with a capital letter"))
        ask(other, b"NAME Ann", b"OK", mistakes.TWO_NAMES)
        for _ in range(2):  # the name of a member that has left is free again
            with ExitStack() as visit:
                Member(exam, visit, "ben").command("QUIT", "BYE")


@requirement(
    "rooms",
    "a member who joins another room is still in the first one, or the others are not told",
    [
        "Who has to be told when somebody joins? And when somebody joins another room?",
        "A member is in one room at most: JOIN first leaves the old one.",
    ],
    read=["12"],
)
def rooms(exam):
    """JOIN, WHO and the news of who came and went: members see who is in their own room, and in no other"""
    with ExitStack() as stack:
        ben, ann = (Member(exam, stack, name) for name in ("ben", "ann"))  # not in alphabetical order
        cem = Member(exam, stack, "cem", "cellar")
        ann.command("SAY anybody?", "NO room", mistakes.IN_NO_ROOM)
        ann.command("WHO", "NO room", mistakes.IN_NO_ROOM)
        ann.command("JOIN", "NO room")
        ann.command("JOIN hall", "OK")
        ben.command("JOIN hall", "OK")
        ann.hears("JOINED ben", "'JOIN hall' from ben, where ann is", mistakes.DEAF)
        ann.command("WHO", "HERE ann ben", mistakes.DEAF)
        ben.command("WHO", "HERE ann ben", mistakes.DEAF)
        for room in "!", "x" * 21:
            ben.command(f"JOIN {room}", "NO room", mistakes.NO_ROOM)
        ben.command("WHO", "HERE ann ben", "a JOIN that fails leaves the old room all the same")
        ben.command("JOIN attic", "OK")
        ann.hears("LEFT ben", "'JOIN attic' from ben, who was in the hall with ann", rooms.usual)
        ann.command("WHO", "HERE ann")
        ben.command("WHO", "HERE ben")
        ben.has_heard_nothing("'JOIN attic' from ben, who was in the hall with ann", mistakes.OWN_NEWS)
        ann.command("JOIN attic", "OK")
        ben.command("WHO", "HERE ann ben")
        ben.hears("JOINED ann", "'JOIN attic' from ann, where ben is")
        ann.command("JOIN attic", "OK")
        for news in "LEFT ann", "JOINED ann":
            ben.hears(news, "'JOIN attic' from ann, who is in the attic with ben", mistakes.SAME_ROOM)
        Member(exam, stack, "Zoe", "attic")
        ben.command("WHO", "HERE Zoe ann ben")
        cem.has_heard_nothing("JOIN of others, to other rooms than cem's", mistakes.TO_ALL_ROOMS)


@requirement(
    "broadcast",
    "a message does not reach exactly those who are in the room",
    [
        "Who gets a message? Everybody in the room but the speaker.",
        "Whatever serves the speaker has to know who is in which room: it sends to the others' sockets.",
    ],
    read=["02", "03", "12"],
)
def broadcast(exam):
    """all others in a room hear what a member says there, once and unchanged; nobody else hears it"""
    text = " hello,  everybody 大家好 "
    with ExitStack() as stack:
        ann, ben, cem, dora = company(exam, stack, ann="kitchen", ben="kitchen", cem="kitchen", dora="garden")
        sent = "'SAY  hello,  everybody ...' from ann, in the kitchen with ben and cem"
        for _ in range(3):
            ann.command(f"SAY {text}", "OK")
            for listener in ben, cem:
                listener.hears(f"SAID ann {text}", sent)
        ann.has_heard_nothing(sent, mistakes.TO_ITSELF)
        ben.has_heard_nothing(sent, "it was sent to a member twice")
        dora.has_heard_nothing(sent, mistakes.TO_ALL_ROOMS)


@requirement(
    "private",
    "TELL reaches the wrong members",
    ["TELL is for one person, in whatever room. How do you find that person's connection?", "A dictionary: name -> connection."],
    read=["12"],
)
def private(exam):
    """TELL reaches one person, in any room, and nobody else"""
    with ExitStack() as stack:
        ann, ben, cem = company(exam, stack, ann="cellar", ben="cellar", cem="porch")
        narrow = "only the speaker's room was searched"
        ann.command("TELL cem psst,  you", "OK", narrow)
        cem.hears("TOLD ann psst,  you", "'TELL cem psst,  you' from ann", narrow)
        ben.has_heard_nothing("'TELL cem psst,  you' from ann", "a private message went to the room")
        ann.command("TELL zoe are you there?", "NO nobody", mistakes.NOBODY_THERE)


@requirement(
    "forms",
    "a line is taken for a command by its first word alone",
    [
        "Section 2 of the page has the forms. QUIT and WHO stand alone; SAY and TELL have a text.",
        "Check in this order: is the line text, does the client have a name, is it a command, can it be done?",
        "A line ends with a newline. What does your server do with a piece that never gets one?",
    ],
    read=["12"],
)
def forms(exam):
    """a line in none of the page's forms does nothing: it is answered with NO command, or with NO name before a name is given"""
    extra, empty = (
        "more follows QUIT or WHO, and it is carried out all the same",
        "there is no text, and it is carried out all the same",
    )
    with ExitStack() as stack:
        ann, ben = company(exam, stack, ann="pantry", ben="pantry")
        stranger = stack.enter_context(exam.visit("a stranger"))
        stranger.ask(b"\xff", b"NO text", "a line that is not text is answered with NO text, even before a name")
        stranger.ask(b"DANCE", b"NO name", mistakes.NOT_YET)
        stranger.ask(b"QUIT now", b"NO name", extra)
        ask(stranger, b"QUIT", b"BYE", "QUIT is looked at before the name in the page's order: everybody may leave")
        ann.command("", "NO command", mistakes.EMPTY_LINE, unanswered=mistakes.EMPTY_LINE, ended=mistakes.EMPTY_LINE)
        for line in "QUIT now", "WHO x", "QUIT ", "say hello":
            ann.command(line, "NO command", extra)
        for line in "SAY", "SAY ", "TELL", "TELL ben", "TELL ben ":
            ann.command(line, "NO command", empty)
        ben.has_heard_nothing("lines of ann that are no commands", empty)
        ann.command("SAY  ", "OK", mistakes.BLANKS)
        ben.hears("SAID ann  ", "'SAY' from ann, with a blank as its text")
        (cem,) = company(exam, stack, cem="cellar")
        cem.command("JOIN pantry", "OK")
        cem.peer.send(b"SAY half")
        cem.peer.finish()
        sent = "'SAY half' without a newline from cem, who then sends no more"
        ann.hears("JOINED cem", "'JOIN pantry' from cem")
        if (came := ann.next_of(ann.news)) == "SAID cem half":
            mistake = "the last piece has no newline: it is no line, and is not carried out"
            raise NotMet(sent, "ann to hear 'LEFT cem'", repr(came), mistake)
        ann.news.appendleft(came)
        ann.hears("LEFT cem", sent)


@requirement(
    "order",
    "the answer is sent first, and the news of it afterwards",
    [
        "When her OK arrives, Ann can rely on this: all others get her words before the answer to anything that they ask later.",
        "First tell the others, then answer; and let one queue for each member hold both.",
    ],
    read=["12"],
)
def order(exam):
    """when the answer goes out, the news of it is on its way: a member that asks then gets the news before the answer"""
    requirements_processes.start_hasty(exam)  # makes news late that another thread sends
    with ExitStack() as stack:
        for number in range(LISTENERS):
            Member(exam, stack, f"sailor{number}", "bridge")
        ann, ben = company(exam, stack, ann="bridge", ben="bridge")
        ann.send("TELL ann a note")
        sent, came = ann.peer.sent, [ann.peer.line() for _ in range(2)]
        if came == [b"OK", b"TOLD ann a note"]:
            mistake = mistakes.OVERTAKES if overtakes(ann) else ""
            raise NotMet(sent, "'TOLD ann a note', then 'OK'", "the two, the other way round", mistake)
        if came != [b"TOLD ann a note", b"OK"]:
            raise NotMet(sent, "'TOLD ann a note', then 'OK'", ", then ".join(map(shown, came)), why_not_told(exam, came))
        for number in range(ONCE_MORE):
            ann.command(f"SAY {number}", "OK")
            ben.send("DANCE")
            ben.answer("NO command")
            if not ben.news:
                raise NotMet(
                    f"'SAY {number}' from ann, and when it was answered, 'DANCE' from ben",
                    f"ben to hear 'SAID ann {number}' first",
                    "the answer alone",
                )
            ben.hears(f"SAID ann {number}", f"'SAY {number}' from ann")


def why_not_told(exam, came):
    """Return the mistake if these two lines came instead of what Ann told herself, and OK."""
    if came[0] == b"NO nobody" or came[0] == b"OK" and kind_of(came[1]) == "nothing":
        return mistakes.TELL_ONESELF
    if not isinstance(came[0], bytes):
        return exam.own_error().or_else(mistakes.LOCKS_TWICE) if kind_of(came[0]) == "nothing" else ""
    if came[0] == b"SAID ann a note":
        return mistakes.OTHER_WORD
    if came[0] == came[1]:
        return mistakes.TOLD_TWICE
    if isinstance(came[1], bytes) and sorted(b"".join(came)) == sorted(b"TOLD ann a noteOK"):
        return all_at_once.usual
    return mistakes.CUT_SHORT if came[0] != b"TOLD ann a note" and b"TOLD ann a note".startswith(came[0]) else ""


def overtakes(ann):
    """Return whether the lines that she tells herself, all sent at once, come back in another order."""
    told = [f"TOLD ann {number}" for number in range(CHATTER)]
    ann.peer.send("".join(f"TELL ann {number}\n" for number in range(CHATTER)).encode())
    heard = [ann.next_of(ann.news) for _ in told]
    return heard != told and sorted(heard) == sorted(told)


@requirement(
    "lines",
    "each recv() is taken for a command. TCP keeps no messages apart",
    [
        "A command may come in two pieces, and two commands in one piece. What puts them together?",
        "Cut bytes at newlines first, and decode a whole line: a character may be cut in two as well.",
    ],
    read=["00", "06"],
)
def in_lines(exam):
    """commands in pieces, several in one piece, and bytes that are not text: each line is answered, nobody is thrown out"""
    with ExitStack() as stack:
        ann, ben = company(exam, stack, ann="study", ben="study")
        data = "SAY 你好".encode()
        arrived = len("NAME ann\nJOIN study\n")
        for cut, mistake in (2, ""), (len(data) - 2, mistakes.DECODES_PIECES):  # inside the command, and inside a character
            ann.peer.send(data[:cut])
            exam.let_arrive(ann.peer, arrived + cut)
            ann.peer.send(data[cut:] + b"\n")
            arrived += len(data) + 1
            ann.peer.sent = "'SAY 你好' in two pieces"
            ann.answer("OK", mistake, unanswered=mistake, ended=mistake)
            ben.hears("SAID ann 你好", "'SAY 你好' from ann, in two pieces", mistake)
        ann.peer.send(b"SAY one\nSAY two\n", "two commands in one piece")
        for word in "one", "two":
            ann.answer("OK", unanswered="")
            ben.hears(f"SAID ann {word}", "two commands of ann, 'SAY one' and 'SAY two', in one piece")
        ann.peer.send(b"SAY \xff\n")
        if (came := ann.next_of(ann.answers)) != "NO text":
            mistake = mistakes.NOBODY_CATCHES if came.startswith("!") else mistakes.LENIENT
            raise NotMet(ann.peer.sent, "'NO text'", ann.quoted(came), mistake)
        ann.command("SAY still\r\u2028here\r", "OK", mistakes.SPLITS_LINES)
        ben.hears("SAID ann still\r\u2028here\r", "'SAY still\\r\\u2028here\\r' from ann", mistakes.SPLITS_LINES)


@requirement(
    "long lines",
    "the length of a line has no limit, or not the one that the page says",
    [
        "Section 1 of the page has the limit. How many bytes does your server read before it sees a newline?",
        "readline(limit) of a file, limit= of asyncio.start_server(), or a look at what is left after the last newline.",
        "A client beyond the limit has left, as if it had broken off.",
    ],
    read=["12"],
)
def long_lines(exam):
    """a line of 10,000 bytes is carried out; a longer or endless one ends its own connection, and affects nobody else"""
    with ExitStack() as stack:
        ann, ben = company(exam, stack, ann="gallery", ben="gallery")
        text = "x" * (MAX_LINE - len("SAY "))
        too_long = "a line of 10,000 bytes is too long for it"
        stranger, line = stack.enter_context(exam.visit("a stranger")), b"x" * (MAX_LINE - 100)
        ask(stranger, line, b"NO name", too_long)
        stranger.send((line + b"\n") * 3, "three such lines in one piece")
        if (came := stranger.lines(3)) != [b"NO name"] * 3:
            mistake = mistakes.LIMIT_OF_ALL if kind_of(came[-1]) in ("end", "reset") else ""
            raise NotMet(stranger.sent, "'NO name' three times", ", ".join(map(shown, came)), mistake, kind_of(came[-1]))
        ann.command(f"SAY {text}", "OK", too_long, unanswered=too_long, ended=too_long)
        ben.hears(f"SAID ann {text}", "'SAY xxx...', 10,000 bytes, from ann", "a line of 10,000 bytes is not sent whole")
        for data, what in (
            (b"SAY " + b"x" * (MAX_LINE - 3) + b"\n", "a line of 10,001 bytes"),
            (f"SAY {'你' * 4_000}\n".encode(), "a line of 4,004 characters, which are 12,004 bytes,"),
            (b"x" * ENDLESS, f"{ENDLESS:,} bytes without a newline"),
        ):
            cem = Member(exam, stack, "cem", "gallery")
            ann.hears("JOINED cem", "'JOIN gallery' from cem")
            sent = f"{what} from cem"
            cem.peer.send(data)
            came = cem.peer.line()
            if kind_of(came) not in ("end", "reset"):
                mistake = mistakes.NO_LIMIT_YET if not data.endswith(b"\n") else "" if data.isascii() else mistakes.CHARACTERS
                if came in (b"NO command", b"NO text", b"NO room"):
                    mistake = mistakes.TOO_LONG_STAYS
                if kind_of(came) == "nothing" and ann.next_of(ann.news) == "LEFT cem":
                    mistake = mistakes.STAYS_OPEN
                raise NotMet(sent, "the end of the connection", shown(came), mistake, kind_of(came))
            ann.hears("LEFT cem", sent)
            ann.command("WHO", "HERE ann ben")


@requirement(
    "all at once",
    "two write to one connection at the same time, and their bytes are mixed; or a message is lost",
    [
        "What writes to a member's connection? Can two threads do so at the same moment?",
        "One lock for each connection, or one writer; sendall() of a whole line, newline included.",
    ],
    read=["03", "04"],
)
def all_at_once(exam):
    """six members speak at once, 200 lines each: everyone hears every line, whole, and each speaker's lines in order"""
    names = ["ann", "ben", "cem", "dora", "emil", "fay"]
    said = [f"line {number} " + "." * 60 for number in range(CHATTER)]
    sent = f"six members, who say {CHATTER} lines each, all at once"
    with ExitStack() as stack:
        members = list(company(exam, stack, **dict.fromkeys(names, "market")))
        with exam.stopped():  # all have spoken before the server reads
            for member in members:
                member.peer.send(
                    "".join(f"SAY {line}\n" for line in said).encode(), f"{CHATTER} lines, as five others do at the same time,"
                )
        for member in members:
            for number in range(CHATTER):
                if (came := member.next_of(member.answers)) == f"!{NOTHING}":
                    raise NotMet(sent, f"{CHATTER} times 'OK' for {member.name}", f"it {number} times, then nothing", lost(member))
                member.answers.appendleft(came)
                member.answer("OK", unanswered="", ended=mistakes.LET_GO_EARLY)
            heard = {name: [] for name in names if name != member.name}
            for number in range(CHATTER * len(heard)):
                word, _, rest = (came := member.next_of(member.news)).partition(" ")
                if came == f"!{NOTHING}":
                    expected = f"{CHATTER * len(heard):,} lines of the others for {member.name}"
                    raise NotMet(sent, expected, f"{number:,} of them, then nothing", lost(member))
                name, _, text = rest.partition(" ")
                if word != "SAID" or name not in heard:
                    otherwise = mistakes.LET_GO_EARLY if word == "LEFT" else ""
                    mistake = mistakes.TO_ITSELF if name == member.name and text in said else otherwise
                    raise NotMet(sent, f"lines like 'SAID ann {said[0][:8]}...'", member.quoted(f"{word} {rest}"), mistake)
                heard[name].append(text)
            for name, lines_of in heard.items():
                if lines_of != said:
                    mistake = mistakes.OVERTAKES if sorted(lines_of) == sorted(said) else ""
                    raise NotMet(sent, f"all lines of {name}, in order", f"{member.name} heard others, or in another order", mistake)


def lost(member):
    """Return the mistake if some of many lines are missing: they are lost if the member is still answered."""
    member.send("WHO")
    serves = member.next_of(member.answers).startswith("HERE ")
    return member.peer.exam.own_error().or_else(mistakes.LINES_LOST) if serves else ""


@requirement(
    "races",
    "what all threads share was changed by one of them while another one used it",
    [
        "What do all threads of your server share, and which of them changes it while another goes through it?",
        "One lock, held while a line is carried out, and never while something is sent to a member that may not read.",
    ],
    read=["03", "12"],
)
def races(exam):
    """if several want a name at the same moment, one gets it; if many come, speak and leave at once, every line is answered"""
    requirements_processes.start_hasty(exam)
    for letter in "abc":  # new names for each crowd: the last owners of the old ones may not have left yet
        all_want_the_same_names(exam, [f"{letter}{number}" for number in range(AT_A_TIME)])
    with ExitStack() as stack:
        ann, ben = company(exam, stack, ann="square", ben="square")
        guests = crowd(exam, stack, [f"guest{number}" for number in range(GUESTS)])
        sent = f"{GUESTS} guests who come, speak and leave, all at the same moment, while ann and ben talk"
        lines = [f"SAY {number}" for number in range(GUESTS)]
        with exam.stopped():
            for one in ann, ben:
                one.peer.send("".join(f"{line}\n" for line in lines).encode())
            for one in guests:
                one.send(f"NAME {one.name}\nJOIN square\nSAY hello\nQUIT\n".encode())
        for one in guests:
            came = []
            while len(came) < 4 and not (came and isinstance(came[-1], str)):
                line = one.line()
                if isinstance(line, str) or line.decode(errors="replace").split(" ")[0] in ANSWERS:
                    came.append(line)
            if came != [b"OK", b"OK", b"OK", b"BYE"]:
                expected = "OK three times and BYE, to each guest"
                known = len(came) == 4 or exam.meant(names) == mistakes.BYE_LOST  # so shows an end, not a race
                only_oks = came[:-1] == [b"OK"] * (len(came) - 1)
                mistake = mistakes.BYE_LOST if known and only_oks and kind_of(came[-1]) == "end" else ""
                raise NotMet(sent, expected, ", ".join(map(shown, came)), mistake, kind_of(came[-1]))
        for one in ann, ben:
            for _ in lines:
                one.answer("OK", unanswered="", ended="")


def crowd(exam, stack, names):
    """Connect a client for each of these names to a server that has just been started, and have each one answered."""
    peers = []
    try:
        for name in names:
            peers.append(stack.enter_context(exam.visit(name)))
            exam.hello(peers[-1])
    except NotMet as problem:
        raise requirements_tcp.but(problem, why_it_waits(exam, peers[-1]) if problem.kind == "nothing" else UNKNOWN) from None
    return peers


def all_want_the_same_names(exam, names):
    """Let as many clients as names each ask for one name after another; check that each name gets one owner."""
    with ExitStack() as stack:
        askers = crowd(exam, stack, [f"one of {len(names)}"] * len(names))
        asked = "".join(f"NAME {name}\n" for name in names)
        with exam.stopped():  # all have asked before the server answers
            for one in askers:
                one.send(asked.encode(), f"'NAME {names[0]}', and so on,")
        sent = f"'NAME {names[0]}', 'NAME {names[1]}' and so on from {len(askers)} clients, all at the same moment"
        answers = [one.lines(len(names)) for one in askers]
        for came in answers:
            if isinstance(came[-1], str):
                raise NotMet(sent, "an answer to each line", came[-1], kind=kind_of(came[-1]))
            if b"NO named" in came and b"OK" not in came:
                raise NotMet(sent, "'OK' before 'NO named'", "'NO named', and never 'OK'", mistakes.NAMED_IN_VAIN)
            if came.count(b"OK") > 1:
                raise NotMet(sent, "'OK' once to each client", "'OK' to one of them for several names", mistakes.NAMED)
        for name, came in zip(names, zip(*answers, strict=True), strict=True):
            if (owners := came.count(b"OK")) != 1:
                mistake = ""
                if owners > 1:
                    late = stack.enter_context(exam.visit("one who comes later"))
                    late.send(f"NAME {name}\n".encode())
                    mistake = mistakes.DEAF if late.line() == b"OK" else mistakes.TAKEN_TWICE
                raise NotMet(sent, f"'OK' to one who wants {name}", f"'OK' to {owners} of them", mistake)


@requirement(
    "leaving",
    "somebody who has left is still on the list, or the others are not told",
    [
        "In which ways can a member leave? QUIT is one of them.",
        "First take it off the list and tell the room, then say BYE: when BYE arrives, the name is free.",
        "`finally:` is reached on every way out: take the member off the list there, then tell the room.",
    ],
    read=["02", "06", "12"],
)
def leaving(exam):
    """QUIT is answered with BYE and the end; the room hears LEFT, and the name is free; the same if a client just leaves"""
    with ExitStack() as stack:
        ann, dora = company(exam, stack, ann="office", dora="yard")
        for how in "QUIT", "its client closes the connection", "its client says that it will send no more (SHUT_WR)":
            ben = Member(exam, stack, "ben", "office")
            ann.hears("JOINED ben", "'JOIN office' from ben")
            cem = Member(exam, stack, "cem", "office")  # the last to come is not the first to leave
            for one in ann, ben:
                one.hears("JOINED cem", "'JOIN office' from cem")
            if how == "QUIT":
                ben.command("QUIT", "BYE")
            elif "closes" in how:
                ben.peer.close()
            else:
                ben.peer.finish()
            if "closes" not in how and kind_of(came := ben.peer.line()) != "end":
                raise NotMet(f"ben leaves: {how}", "the end of the connection", shown(came), mistakes.STAYS_OPEN, kind_of(came))
            ann.hears("LEFT ben", f"ben leaves: {how}")
            ann.command("WHO", "HERE ann cem")
            ann.command("SAY anybody?", "OK", unanswered=mistakes.PAYS, ended=mistakes.PAYS)
            cem.command("QUIT", "BYE")
            ann.hears("LEFT cem", "'QUIT' from cem")
        dora.has_heard_nothing("ben leaves: QUIT, and otherwise; dora is in another room", mistakes.TO_ALL_ROOMS)
        ben = Member(exam, stack, "ben", "office")
        ann.hears("JOINED ben", "'JOIN office' from ben")
        ben.send("SAY goodbye\nQUIT\nJOIN office")  # one that has not read all may reset (RFC 1122, 4.2.2.13)
        if isinstance((came := ben.peer.lines(3))[-1], bytes):
            raise NotMet(ben.peer.sent, "'OK', 'BYE', then the end", ", then ".join(map(shown, came)), mistakes.GOES_ON_AFTER_QUIT)
        ann.hears("SAID ben goodbye", ben.peer.sent, mistakes.OVERTAKES)
        ann.hears("LEFT ben", ben.peer.sent)
        ann.has_heard_nothing(ben.peer.sent, mistakes.GOES_ON_AFTER_QUIT)
    requirements_processes.start_hasty(exam)  # lets others run between BYE and what follows it
    with ExitStack() as stack:
        for _ in range(ONCE_MORE):  # cem keeps its side of the connection open, and the next cem is already connected
            cem = Member(exam, stack, "cem", "porch")
            after = stack.enter_context(exam.visit("the next cem"))
            after.ask(b"WHO", b"NO name")
            cem.command("QUIT", "BYE")
            after.ask(b"NAME cem", b"OK", "BYE goes out before the name is free")
            after.ask(b"QUIT", b"BYE")


@requirement(
    "breaking off",
    "a connection that breaks raises ConnectionError, and it ends more than this one member's visit",
    [
        "What does recv() raise when a client breaks off? And sendall() to a client that has just gone?",
        "An error while you send to ben concerns ben, not the speaker.",
    ],
    read=["02", "06"],
    when={"nobody listens": diagnosis.BROKE_OFF},
)
def breaking_off(exam):
    """members break off in the middle of the talk; the room hears LEFT and talks on, and the name is free"""
    with ExitStack() as stack:
        ann, ben = company(exam, stack, ann="harbour", ben="harbour")
        for number in range(5):
            cem = Member(exam, stack, "cem", "harbour")
            for one in ann, ben:
                one.hears("JOINED cem", "'JOIN harbour' from cem")
            cem.peer.reset()
            ann.command(f"SAY talk {number}", "OK", unanswered=mistakes.PAYS, ended=mistakes.PAYS)
            heard = sorted(ben.next_of(ben.news) for _ in range(2))
            if heard != ["LEFT cem", f"SAID ann talk {number}"]:
                raise NotMet(
                    f"cem breaks off, then 'SAY talk {number}' from ann",
                    "ben to hear of both",
                    ", then ".join(map(ben.quoted, heard)),
                    mistakes.GONE_UNTOLD if f"SAID ann talk {number}" in heard else "",
                )
            ann.hears("LEFT cem", "cem breaks off")


@requirement(
    "slow member",
    "the server waits in send() for a member who does not read, and the room waits with it",
    [
        "What do sendall(), and await drain(), do when the other side does not read? Who waits then?",
        "Nothing may wait for a member: put the line into that member's queue, and let a thread of its own, or the loop, send it.",
        "The queue of a member that never reads grows and grows: set a limit, and disconnect a member that exceeds it.",
    ],
    read=["03", "04", "12"],
)
def slow_member(exam):
    """a member that does not read delays nobody; later it hears everything kept for it, without a gap; beyond a limit, it has left"""
    said = [f"SAID ann {number:04} " + "." * 9_880 for number in range(KEPT + TOO_MUCH)]
    with ExitStack() as stack:
        ann, ben, cem = company(exam, stack, narrow=["cem"], ann="theatre", ben="theatre", cem="theatre")
        sent = "4 MB to the theatre, where cem does not read"
        talk(ann, ben, said[:KEPT], sent)
        heard = [line.decode() for line in cem.peer.drain(b"", KEPT)]
        if heard != said[:KEPT]:
            whole = heard == said[: len(heard)]
            what = f"{len(heard)} lines of {KEPT}" if whole else "lines with something missing"
            let_go = whole and kind_of(cem.peer.piece()) in ("end", "reset")
            if let_go:
                mistake = mistakes.LET_GO_EARLY
            elif sorted(heard) == said[:KEPT]:
                mistake = mistakes.OVERTAKES
            else:
                mistake = mistakes.LINES_LOST if set(heard) <= set(said) else mistakes.NEVER_SENT
            raise NotMet(
                f"{sent}; then he reads",
                "him to hear all of it, without a gap",
                what + (", then the end of the connection" if let_go else ""),
                mistake,
            )
        leave_with_much_unread(exam, stack, ann, ben, cem)
        sent = "17 MB more, which cem does not read"
        has_left = talk(ann, ben, said[KEPT:], sent)
        Member(exam, stack, "dora").command("JOIN street", "OK")
        if not has_left and (came := ben.next_of(ben.news)) != "LEFT cem":
            expected = "him to be disconnected when 10 MB wait for him, and ben to hear 'LEFT cem'"
            raise NotMet(sent, expected, ben.quoted(came), why_he_stays(ben, cem))
        Member(exam, stack, "cem")


def leave_with_much_unread(exam, stack, ann, *others):
    """Let two members leave while 1 MB waits for each: one sends QUIT and then reads, the other breaks off."""
    text = "." * 9_880
    for how in "QUIT", "breaks off":
        emil = Member(exam, stack, "emil", "theatre", narrow=True)
        sent = f"'TELL emil ...' {BURST} times, 1 MB, while emil does not read,"
        ann.peer.send(f"TELL emil {text}\n".encode() * BURST, sent)
        for _ in range(BURST):
            ann.answer("OK", unanswered="", ended=mistakes.PAYS)
        if how == "QUIT":
            emil.send("QUIT")
            heard = emil.peer.drain(b"", BURST + 1)
            told, has_bye = sum(line.endswith(text.encode()) for line in heard), heard[-1:] == [b"BYE"]
            if told < BURST or not has_bye:
                came = f"{told} of them" + (", then 'BYE'" if has_bye else "")
                mistake = mistakes.LINES_LOST if has_bye else mistakes.BYE_LOST
                raise NotMet(f"{sent} then 'QUIT' from emil; then it reads", f"{BURST} lines for emil, then 'BYE'", came, mistake)
        else:
            emil.peer.reset()
        for one in ann, *others:
            for news in "JOINED emil", "LEFT emil":
                one.hears(news, f"emil, for whom 1 MB waits, comes and leaves: {how}")


def why_he_stays(ben, cem):
    """Return the mistake if ben has not heard that cem left; cem reads now."""
    if len(cem.peer.drain(b"", TOO_MUCH)) == TOO_MUCH:
        return mistakes.WITHOUT_LIMIT
    if not cem.peer.was_reset and kind_of(cem.peer.piece()) not in ("end", "reset"):
        return mistakes.DROPS
    return mistakes.CLOSES_LATE if ben.next_of(ben.news) == "LEFT cem" else mistakes.GONE_UNTOLD


def talk(speaker, listener, said, sent):
    """Let one member say all these lines, and check that the other hears them; return whether it heard that cem left."""
    has_left = False
    for first in range(0, len(said), BURST):
        burst = said[first : first + BURST]
        data = "".join(line.replace("SAID ann", "SAY", 1) + "\n" for line in burst).encode()
        speaker.peer.send(data, "'SAY ...', again and again, while cem does not read,")
        for line in burst:
            speaker.answer("OK", unanswered="", ended=mistakes.PAYS)
            if (came := listener.next_of(listener.news)) == "LEFT cem":
                has_left, came = True, listener.next_of(listener.news)
            if came != line:
                let_go = came.startswith(("!the end", "!a reset"))
                mistake = "" if came.startswith("!nothing") else mistakes.LET_GO_EARLY if let_go else mistakes.LOST
                if came in burst and line.encode() in listener.peer.drain(b"", BURST):
                    mistake = mistakes.OVERTAKES
                raise NotMet(sent, f"{listener.name} to hear all of it", listener.quoted(came), mistake)
    return has_left


REQUIREMENTS = [
    answers,
    names,
    rooms,
    broadcast,
    private,
    in_lines,
    forms,
    long_lines,
    order,
    all_at_once,
    races,
    leaving,
    breaking_off,
    requirements_tcp.concurrency,
    requirements_processes.left_alone,
    requirements_tcp.silent,
    slow_member,
    requirements_processes.reaping,
    requirements_processes.descriptors,
    requirements_processes.clean_stop,
]
