"""The exercise of lesson 10: a mail server."""

import asyncio
import contextlib
import smtplib

from clients.lab.learning.exercises import Exercise, NotMet, explained, require
from clients.lab.learning.exercises.lesson_09 import PATIENCE, attempt, comes_to_rest
from clients.lab.learning.exercises.patience import happens
from clients.tcp import connect

EARLY = ".\nThis may be the answer to a line of the mail before: only a line with a single dot, and no blank, ends a mail"


class Dialogue:
    """An SMTP client that sends lines and checks the reply codes."""

    def __init__(self, connection):
        self.connection, self.unread = connection, b""
        self.doubt = ""  # what may be wrong with the next answer

    def expect(self, number, said=None, what="connected"):
        """Send a line, and expect an answer with this reply code."""
        if said is not None:
            self.connection.sendall(said.encode() + b"\r\n")
            what = f"said {said!r}"
        try:
            while (answer := self.line().decode(errors="replace").strip())[3:4] == "-":  # of a multi-line reply, the last line counts
                pass
        except TimeoutError:
            came = f"after {self.unread!r} no newline came" if self.unread else "none came"
            raise NotMet(f"{what}, expected an answer with {number}; {came} within {PATIENCE} s") from None
        if answer[:3] != str(number):
            came = f"{answer!r}{self.doubt}" if answer else "'the end of the connection'"
            raise NotMet(f"{what}, expected an answer with {number}, got {came}")
        self.doubt = ""

    def line(self):
        """Return the next line, or the rest if the connection has ended."""
        while b"\n" not in self.unread and (piece := self.connection.recv(1000)):
            self.unread += piece
        line, _, self.unread = self.unread.partition(b"\n")
        return line

    def envelope(self):
        """Send sender and recipient, up to the point where the mail itself begins."""
        for words, number in ("MAIL FROM:<ann@localhost>", 250), ("RCPT TO:<ben@localhost>", 250), ("DATA", 354):
            self.expect(number, words)

    def mail(self, *lines):
        """Send a mail, and expect an answer to its end only, not to its lines."""
        self.envelope()
        self.connection.sendall("".join(line + "\r\n" for line in [*lines, "."]).encode())
        self.expect(250, what=f"sent a mail of {len(lines)} lines and the dot")
        self.doubt = EARLY

    def quiet(self):
        """Check, with one more command, that the server sent nothing extra after the end of a mail."""
        self.expect(500, "NONSENSE")


@contextlib.contextmanager
def dialogue(server):
    with connect(attempt(server), PATIENCE) as connection:
        talk = Dialogue(connection)
        talk.expect(220)
        yield talk


async def answers_the_envelope(server):
    """it greets with 220, and answers HELO, MAIL and RCPT with 250, DATA with 354"""
    await asyncio.to_thread(begin_one, server)
    await comes_to_rest(server, "after DATA the client broke off")


def begin_one(server):
    with dialogue(server) as talk:
        talk.expect(250, "HELO examiner")
        talk.envelope()


def takes_a_mail(server):
    """the lines of a mail are not answered; the dot at its end is, with 250; and commands go on"""
    with dialogue(server) as talk:
        talk.expect(250, "HELO examiner")
        talk.expect(500, "NONSENSE DATA")
        talk.mail("Subject: one", "", "QUIT", "DATA", "the end.")
        talk.quiet()


async def prints_it(server):
    """it prints each line of the mail, empty ones too, with took: in front"""
    lines = ["Subject: prints", "", "a line", "RCPT TO:<nobody>", "the last line"]
    await asyncio.to_thread(send_one, server, lines)
    await expect_printed(server, lines)
    await asyncio.to_thread(send_one, server, ["Subject: again"])
    await expect_printed(server, [lines[-1], "Subject: again"])  # the dot between the two mails belongs to neither


def send_one(server, lines):
    with dialogue(server) as talk:
        talk.expect(250, "HELO examiner")
        talk.mail(*lines)
        talk.expect(221, "QUIT")


async def expect_printed(server, lines):
    """Wait until these lines appear in the log, one directly after the other."""
    wanted = [f"took: {line}".rstrip() for line in lines]

    def printed():
        log = [line.rstrip() for line in server.log.splitlines() if line.startswith("took:")]
        return any(log[place : place + len(wanted)] == wanted for place in range(len(log)))

    require(await happens(printed, PATIENCE), f"sent a mail, expected in the log {wanted}, got {server.log.splitlines()[-9:]}")


async def knows_dots(server):
    """two dots at the beginning of a line are one dot, doubled; other dots stay"""
    await asyncio.to_thread(send_one, server, ["Subject: dots", "", "..", "..hidden", "...", " .", "a..b", "end."])
    await expect_printed(server, ["Subject: dots", "", ".", ".hidden", "..", " .", "a..b", "end."])


def says_goodbye(server):
    """QUIT is answered with 221, and then the connection ends"""
    with dialogue(server) as talk:
        talk.expect(221, "QUIT")
        with explained(f"said 'QUIT', got 221; {PATIENCE} s later the connection is still there", TimeoutError):
            rest = talk.line()
        require(not rest, f"said 'QUIT', got 221 and then more: {rest[:60]!r}")


def smtplib_is_a_client(server):
    """Python's own mail client can send two mails in one conversation"""
    host, port = attempt(server)
    try:
        with smtplib.SMTP(host, port, local_hostname="examiner", timeout=PATIENCE) as smtp:
            for number in 1, 2:
                smtp.sendmail("ann@localhost", ["ben@localhost"], f"Subject: {number}\n\nhello\n.\nthe end\n")
    except (smtplib.SMTPException, TimeoutError) as problem:
        raise NotMet(f"smtplib, which writes its commands in small letters, gave up: {problem!r}") from None


def serves_beside_an_unfinished_mail(server):
    """a client in the middle of a mail does not keep the others waiting"""
    with dialogue(server) as slow:
        slow.expect(250, "HELO slow")
        slow.envelope()
        slow.connection.sendall(b"Subject: unfinished\r\n")
        with dialogue(server) as quick:
            quick.expect(250, "HELO quick")
            quick.mail("Subject: quick", "", "done")
        slow.expect(250, "\r\n.")


EXERCISES = {
    "10.1": Exercise(
        "a server that takes mail",
        [
            answers_the_envelope,
            takes_a_mail,
            prints_it,
            knows_dots,
            says_goodbye,
            smtplib_is_a_client,
            serves_beside_an_unfinished_mail,
        ],
        [
            "The first four letters of a line are its command. A dict can hold the answers; get() has a default for the rest.",
            "After DATA the lines are no longer commands: read them in a separate loop, and leave it when a line is only a dot.",
            "removeprefix('.') takes one dot away, if there is one. Test for the end of the mail before you do that.",
            "smtplib first says EHLO; after a 500, it tries HELO. On QUIT, answer and return from handle(): that ends the connection.",
        ],
    ),
}
