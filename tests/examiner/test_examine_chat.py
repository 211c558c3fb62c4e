"""The chat's examination: each of the lesson's three chats passes, and a failing one is told what to read again."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from chats import CHATS

from clients.examiner import NotMet, chat, examine, mistakes_chat
from clients.examiner.chat import examine_chat
from clients.examiner.exam import Exam
from clients.examiner.peers import Instead
from servers import launch

HERE = Path(__file__).parent
THREADS = [  # (text in the chat with threads, its replacement, the requirement that then fails, words of the diagnosis)
    ("return say(member, rest)", 'return say(member, rest.split("  ")[0])', chat.broadcast, "only a part of the text"),
    (
        'lines.readline(MAX_LINE + 1)).endswith(b"\\n")',
        'lines.readline()).endswith(b"\\n") and len(line) <= MAX_LINE + 1',
        chat.long_lines,
        "what has no newline is kept",
    ),
    ("if name in members:", "if name.lower() in map(str.lower, list(members)):", chat.names, "ann and Ann are different names"),
    (
        "    leave_room(member)\n    member.room = room\n",
        '    if member.room:\n        member.tell("LEFT me")\n    leave_room(member)\n    member.room = room\n',
        chat.rooms,
        "its own coming or going",
    ),
    ('f"TOLD {member.name} {text}"', 'f"TOLD {text}"', chat.private, "names somebody other than the speaker, or nobody"),
    ("text = line.decode()", 'text = line.decode(errors="replace")', chat.in_lines, "decoded all the same"),
    ("with lock:\n            answer =", "if True:\n            answer =", chat.races, "two clients saw"),
    (
        'if name not in members:\n        return "NO nobody"',
        'if name not in members or name == member.name:\n        return "NO nobody"',
        chat.order,
        "the sender is not looked up",
    ),
    (
        'if answer == "BYE":\n            return\n',
        'if answer == "BYE":\n            member.connection.shutdown(socket.SHUT_RD)\n',
        chat.leaving,
        "what follows QUIT is carried out",
    ),
    ("MAX_WAITING = 8_000_000", "MAX_WAITING = 200_000", chat.slow_member, "for whom less than 4 MB wait"),
    (
        "self.outgoing.put(data)",
        "if self.outgoing.qsize() < 500:\n                self.outgoing.put(data)",
        chat.all_at_once,
        "whole lines are lost",
    ),
]
SELECTORS = [  # in the chat with one loop, as above
    ("    if name in members:\n", "    member.name = name\n    if name in members:\n", chat.names, "refused counts as one"),
    (
        "    leave_room(member)\n    member.room = room\n",
        '    if room == member.room:\n        return "OK"\n    leave_room(member)\n    member.room = room\n',
        chat.rooms,
        "joins the room it is already in",
    ),
    (
        "piece = self.connection.recv(65_536)",
        'piece = self.connection.recv(65_536).decode(errors="ignore").encode()',
        chat.in_lines,
        "decoded before the line is complete",
    ),
    (
        "        for line in lines:\n            if len(line)",
        "        if len(piece) > MAX_LINE:\n            return self.hang_up()\n        for line in lines:\n            if len(line)",
        chat.long_lines,
        "several lines that arrive together",
    ),
]
DROPS = [  # in the chat with threads: as many bytes wait as may, but the queue is too short
    (
        "self.outgoing.put(data)",
        "if self.outgoing.qsize() < 200:\n                self.outgoing.put(data)",
        chat.slow_member,
        "whole lines are lost",
    ),
]
UNGUARDED = [  # in the same: send() fails here only for a member that breaks off while much waits for it
    (
        "        try:\n            if mask & WRITE:\n                del self.unsent[: self.connection.send(self.unsent[:65_536])]\n",
        "        if mask & WRITE:\n            del self.unsent[: self.connection.send(self.unsent[:65_536])]\n        try:\n",
        chat.slow_member,
        "a connection that broke off",
    ),
]
ABORTS = [  # in the chat with coroutines
    ("        writer.close()", "        writer.transport.abort()", chat.slow_member, "before BYE has gone out"),
    (
        'tell_room(member, f"SAID {member.name} {text}")',
        'asyncio.get_running_loop().call_soon(tell_room, member, f"SAID {member.name} {text}")',
        chat.leaving,
        "lines overtake each other",
    ),
]
TO_THE_LATEST = [
    (
        "            member.tell(answer)",
        "            (list(members.values()) or [member])[-1].tell(answer)",
        chat.names,
        "the answer went to another client",
    ),
]
GROUPS = [  # (a chat, the mistakes that one server has)
    ("chat_threads", THREADS),
    ("chat_threads", DROPS),
    ("chat_selectors", SELECTORS),
    ("chat_selectors", UNGUARDED),
    ("chat_asyncio", ABORTS),
    ("chat_asyncio", TO_THE_LATEST),
]
MISTAKES = [(number, mistake) for number, (_, group) in enumerate(GROUPS) for mistake in group]


@pytest.fixture(scope="module")
def reports():
    """Run the examinations in parallel, since they wait most of the time."""
    with ThreadPoolExecutor(len(CHATS) + len(GROUPS) + 1) as pool:
        others = {number: pool.submit(with_all_mistakes, number, *group) for number, group in enumerate(GROUPS)}
        others[one_that_polls] = pool.submit(one_that_polls)
        reports = dict(zip(CHATS, pool.map(examined, CHATS), strict=True))
        return reports | {how: future.result() for how, future in others.items()}


def examined(name):
    with launch(CHATS[name], name=name) as server:
        return examine_chat(server)


def one_that_polls():
    with launch(CHATS["chat_selectors"].replace("selector.select()", "selector.select(0)"), name="polls") as server:
        return examine_chat(server)


def with_all_mistakes(number, name, group):
    """Return one server with several mistakes: each requirement is tested with a restarted server."""
    text = CHATS[name]
    for right, wrong, _, _ in group:
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    with launch(text, name=f"wrong{number}") as server:
        return examine(server, [chat.answers, *(asked for _, _, asked, _ in group)], answer=chat.to_a_stranger)


@pytest.mark.parametrize("name", CHATS)
def test_a_chat_on_each_of_three_models_passes(reports, name):
    assert reports[name].passed and reports[name].grade == 100, reports[name]


def test_a_chat_that_polls_is_not_left_alone(reports):
    assert reports[one_that_polls].failed == ["left alone"], reports[one_that_polls]


@pytest.mark.parametrize("number, mistake", MISTAKES, ids=[words for _, (*_, words) in MISTAKES])
def test_each_mistake_of_a_chat_is_named(reports, number, mistake):
    report = reports[number]
    *_, asked, words = mistake
    assert report[asked.name].problem and words in report[asked.name].diagnosis.mistake, report


@pytest.mark.parametrize(
    "asked, expected, came, mistake",
    [
        (chat.Member.answer, "OK", "OK hello", mistakes_chat.MORE_THAN_ASKED),
        (chat.Member.answer, "OK", "OK\r", mistakes_chat.TO_THE_LETTER),
        (chat.Member.answer, "NO command", "ERROR command", mistakes_chat.NOT_ON_THE_PAGE),
        (chat.Member.answer, "OK", "OSAID ben hi", chat.all_at_once.usual),
        (chat.Member.answer, "HERE ann", "HERE ann ben", "given"),
        (chat.Member.answer, "HERE ann ben", "HERE ann", mistakes_chat.TOO_FEW),
        (chat.Member.answer, "HERE ann dora", "HERE ann", mistakes_chat.LEAVES_ANOTHER),
        (chat.Member.answer, "HERE Zoe ann ben", "HERE ann ben Zoe", mistakes_chat.CASE_IGNORED),
        (chat.Member.hears, "SAID ben hi", "SAID ann hi", mistakes_chat.NAMES_ANOTHER),
        (chat.Member.answer, "NO command", "!the end of the connection", mistakes_chat.HANGS_UP),
        (chat.Member.answer, "NO command", f"!{chat.NOTHING}", mistakes_chat.NOT_ANSWERED),
        (chat.Member.answer, "BYE", "!the end of the connection", mistakes_chat.BYE_LOST),
        (chat.Member.hears, "LEFT ben", f"!{chat.NOTHING}", mistakes_chat.GONE_UNTOLD),
        (chat.Member.hears, "TOLD ben hi", "SAID ben hi", mistakes_chat.OTHER_WORD),
        (chat.Member.hears, "SAID ben hi", "LEFT ben", mistakes_chat.LEFT_TWICE),
        (chat.Member.hears, "JOINED ben", "LEFT cem", mistakes_chat.TO_ALL_ROOMS),
        (chat.Member.hears, "LEFT ben", "LEFT cem", mistakes_chat.LEAVES_ANOTHER),
    ],
)
def test_what_came_says_more_than_what_was_asked(asked, expected, came, mistake):
    """The diagnosis follows from what came if only one fits; otherwise it is the one given."""
    ann = one_who_gets(came)
    with pytest.raises(NotMet) as found:
        asked(ann, expected, "given" if asked is chat.Member.answer else "a line")
    assert getattr(mistake, "mistake", mistake) == found.value.diagnosis.mistake


def one_who_gets(came):
    """Return a member without a chat that has just heard that ben left, and now gets `came`."""
    ann = object.__new__(chat.Member)
    ann.answers, ann.news, ann.heard, ann.name = None, ["LEFT dora"], "LEFT ben", "ann"
    ann.peer = SimpleNamespace(sent="a line", exam=Exam(("127.0.0.1", 9), []))
    ann.send, ann.next_of = str, lambda _: came
    return ann


def test_to_tell_oneself_and_wait_for_ever_means_a_lock():
    nothing = Instead(chat.NOTHING, "nothing")
    assert chat.why_not_told(Exam(("127.0.0.1", 9), []), [nothing, nothing]) == mistakes_chat.LOCKS_TWICE


def test_a_command_that_is_not_written_yet_is_named():
    ann = one_who_gets("NO command")
    for given, mistake in ("", mistakes_chat.NO_SUCH_COMMAND), (mistakes_chat.LENIENT, mistakes_chat.LENIENT):
        with pytest.raises(NotMet) as found:
            chat.Member.command(ann, "JOIN kitchen", "OK", given)
        assert getattr(mistake, "mistake", mistake) == found.value.diagnosis.mistake


def test_an_answer_that_was_wrong_before_is_no_new_mistake():
    exam = Exam(("127.0.0.1", 9), [chat.forms])
    for asked, meaning in (chat.forms, mistakes_chat.NOT_YET), (chat.REQUIREMENTS[13], ""):
        problem = NotMet("the line 'hello'", "'NO name'", "'NO command'", meaning, kind="other")
        exam.report.findings.append(exam.not_met(asked, problem))
    assert exam.report["concurrency"].diagnosis == mistakes_chat.NOT_YET


def test_a_chat_that_fails_is_told_what_to_read_again():
    with launch(HERE / "examined" / "right" / "threads-and-readlines.py") as server:
        report = examine_chat(server)
        assert report.failed == ["answers"] and report.grade == 0
        assert report.read_again == ["12"] and "19 more, until the first is met" in repr(report)
