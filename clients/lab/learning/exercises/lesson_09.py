"""The exercises of lesson 09: software servers."""

import asyncio
import contextlib
import smtplib

from clients import web
from clients.lab.learning.exercises import Exercise, NotYet, client, pieces
from clients.lab.ui.waiting import NotSeen, wait_until
from clients.tcp import connect

PATIENCE = 3  # seconds
MUCH = 10_000_000  # bytes: more than any page of these exercises has


def attempt(server):
    """The address of the attempt; says so when it is no server."""
    client(server)
    return server.address


# ---------------------------------------------------------------- 09.1


async def raw(server, path):
    """(head as lines, body as bytes) of the answer to a request for path."""
    request = f"GET {path} HTTP/1.0\r\nHost: examiner\r\n\r\n".encode()
    answer = await asyncio.to_thread(web.exchange, attempt(server), request, PATIENCE)
    head, empty_line, body = answer.partition(b"\r\n\r\n")
    if not empty_line:
        raise NotYet(f"asked for {path}, expected a head that ends in an empty line (\\r\\n\\r\\n), came {answer[:80]!r}")
    return head.decode("latin-1").split("\r\n"), body


async def status_of(server, path):
    lines, body = await raw(server, path)
    words = lines[0].split()
    if len(words) < 3 or not words[0].startswith("HTTP/1.") or not words[1].isdecimal():
        raise NotYet(f"asked for {path}, expected a status line like 'HTTP/1.0 200 OK', came {lines[0]!r}")
    return int(words[1]), lines, body


async def speaks_http(server):
    """/ is answered by a status line, HTTP/1.0 200 OK, headers, an empty line, and the page Hello"""
    status, _, body = await status_of(server, "/")
    if (status, body) != (200, b"Hello\n"):
        raise NotYet(f"asked for /, expected status 200 and the page b'Hello\\n', came {status} and {body!r}")


async def names_type_and_length(server):
    """every header is Name: value, and Content-Type and Content-Length are among them"""
    _, lines, body = await status_of(server, "/")
    headers = headers_of(lines)
    if headers.get("content-type", "").replace(" ", "").lower() != "text/plain;charset=utf-8":
        raise NotYet(f"expected Content-Type: text/plain; charset=utf-8, came {headers.get('content-type')!r}")
    if headers.get("content-length") != str(len(body)):
        raise NotYet(f"the page has {len(body)} bytes, and Content-Length says {headers.get('content-length')!r}")


def headers_of(lines):
    for line in lines[1:]:
        if ":" not in line or line != line.strip():
            raise NotYet(f"this is no header: {line!r}")
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}


async def counts_bytes(server):
    """/nihao is 你好: its length is counted in bytes"""
    status, lines, body = await status_of(server, "/nihao")
    length = headers_of(lines).get("content-length")
    if (status, body, length) != (200, "你好\n".encode(), "7"):
        raise NotYet(
            f"asked for /nihao, expected status 200, Content-Length 7 and {'你好'!r}; "
            f"came {status}, {length!r} and {body.decode(errors='replace')!r}"
        )


async def finds_nothing_else(server):
    """a path that is not in PAGES is answered with status 404"""
    for path in "/nowhere", "/nihao/more", "/NIHAO":
        status, lines, body = await status_of(server, path)
        if status != 404:
            raise NotYet(f"asked for {path}, expected status 404, came {status}")
        if headers_of(lines).get("content-length") != str(len(body)):
            raise NotYet(f"asked for {path}: the 404 needs a right Content-Length too")


async def reads_to_the_empty_line(server):
    """a request is read to its empty line before it is answered"""
    sent = 0
    with connect(attempt(server), PATIENCE) as connection:
        me = "{}:{}".format(*connection.getsockname())
        for part in b"GET / HTTP/1.0\r\n", b"Host: examiner\r\nAccept: text/plain\r\n":
            connection.sendall(part)
            sent += len(part)
            await reads_on(server, me, sent)
        connection.sendall(b"\r\n")
        answer = await asyncio.to_thread(read_all, connection)
    if not answer.endswith(b"Hello\n"):
        raise NotYet(f"sent the request in pieces; expected the page Hello, came {answer[:80]!r}")


async def reads_on(server, peer, sent):
    """Wait until the server has read all that was sent, and waits for more; or has answered, which would be too early."""

    def reads():
        events = [event for event in server.events() if event.peer == peer]
        if any(event.kind in ("send", "shutdown", "close") for event in events):
            raise NotYet("sent a part of a request, without the empty line; the server did not wait for its end")
        received = sum(event.bytes for event in events if event.kind == "receive")
        return received == sent and events[-1].kind == "receive" and events[-1].end is None

    try:
        await wait_until(reads, PATIENCE)
    except NotSeen:
        raise NotYet("sent a part of a request; the server neither reads on nor answers") from None


def read_all(connection):
    received = b""
    with contextlib.suppress(TimeoutError):
        for piece in pieces(connection, MUCH):
            received += piece
    return received


# ---------------------------------------------------------------- 09.2


async def get(server, path):
    return await asyncio.to_thread(fetched, web.fetch, attempt(server), path)


async def post(server, path, **fields):
    return await asyncio.to_thread(fetched, web.submit, attempt(server), path, **fields)


def fetched(ask, address, path, **fields):
    page = ask(address, path, timeout=PATIENCE, **fields)
    if page.status >= 500:
        raise NotYet(f"{path}: the application failed, so the server answered {page.status} {page.reason}")
    return page


async def shows_a_form(server):
    """GET / is a page with a form: one field, word, sent by POST to shout"""
    page = await get(server, "/")
    if page.status != 200 or not page.forms:
        raise NotYet(f"asked for /, expected status 200 and a form, came {page.status} and {len(page.forms)} forms")
    action, method, fields = page.forms[0]
    if (action, method, list(fields)) != ("shout", "POST", ["word"]):
        raise NotYet(
            f"expected a form with the field word, method post and action shout; "
            f"came the fields {', '.join(fields) or 'none'}, method {method.lower()} and action {action!r}"
        )


async def shouts(server):
    """what the form sends comes back in capitals"""
    for word in "hello", "été", "two words", "a+b=c":
        await expect_word(server, word, word.upper())


async def expect_word(server, word, expected):
    page = await post(server, "/shout", word=word)
    if page.status != 200 or expected not in page.words:
        raise NotYet(f"sent the word {word!r}, expected {expected!r} in the page, came {page.status}: {page.words[:80]!r}")


async def shows_text(server):
    """a word that looks like HTML is shown as the text that it is"""
    for word in "<b>hello</b>", "fish & chips", "<script>alert(1)</script>":
        page = await post(server, "/shout", word=word)
        if "<" in word and word.lower() in page.text.lower():  # the page itself may have a <b>, and a script
            raise NotYet(f"sent the word {word!r}, and it became a part of the page: {page.text[:80]!r}")
        if word.upper() not in page.words:
            raise NotYet(f"sent the word {word!r}, expected the text {word.upper()!r}, a browser would show {page.words[:80]!r}")


async def finds_no_other_page(server):
    """everything else is answered with status 404"""
    for path in "/nowhere", "/shout/louder":
        page = await get(server, path)
        if page.status != 404:
            raise NotYet(f"asked for {path}, expected status 404, came {page.status}")


async def serves_beside_a_silent_client(server):
    """a silent client does not keep the others waiting"""
    with connect(attempt(server), PATIENCE), connect(server.address, PATIENCE):
        try:
            await get(server, "/")
        except TimeoutError:
            raise NotYet(
                f"two clients are connected and silent; a third asked for /, and had no answer within {PATIENCE} s"
            ) from None


# ---------------------------------------------------------------- 09.3


class Dialogue:
    """A client that says lines and compares the numbers of the answers."""

    def __init__(self, connection):
        self.connection, self.incoming = connection, connection.makefile("rb")

    def expect(self, number, said=None, what="connected"):
        """Say a line, and expect an answer with this number."""
        if said is not None:
            self.connection.sendall(said.encode() + b"\r\n")
            what = f"said {said!r}"
        try:
            answer = self.incoming.readline().decode(errors="replace").strip()
        except TimeoutError:
            raise NotYet(f"{what}, expected an answer with {number}; none came within {PATIENCE} s") from None
        if answer[:3] != str(number):
            raise NotYet(f"{what}, expected an answer with {number}, came {answer or 'the end of the connection'!r}")

    def mail(self, *lines):
        """Send a mail: its lines are not answered, its end is."""
        for words, number in ("MAIL FROM:<ann@localhost>", 250), ("RCPT TO:<ben@localhost>", 250), ("DATA", 354):
            self.expect(number, words)
        self.connection.sendall("".join(line + "\r\n" for line in [*lines, "."]).encode())
        self.expect(250, what=f"sent a mail of {len(lines)} lines and the dot")

    def quiet(self):
        """After the end of a mail, has the server said more than it was asked? A command shows it."""
        self.expect(500, "NONSENSE")


@contextlib.contextmanager
def dialogue(server):
    with connect(attempt(server), PATIENCE) as connection:
        talk = Dialogue(connection)
        talk.expect(220)
        yield talk


def in_thread(requirement):
    """A requirement that talks on a thread, so that the notebook goes on."""

    async def check(server):
        await asyncio.to_thread(requirement, server)

    check.__doc__ = requirement.__doc__
    return check


@in_thread
def answers_the_envelope(server):
    """it greets with 220, and answers HELO, MAIL and RCPT with 250, DATA with 354"""
    with dialogue(server) as talk:
        talk.expect(250, "HELO examiner")
        for words, number in ("MAIL FROM:<ann@localhost>", 250), ("RCPT TO:<ben@localhost>", 250), ("DATA", 354):
            talk.expect(number, words)


@in_thread
def takes_a_mail(server):
    """the lines of a mail are not answered; the dot at its end is, with 250; and commands go on"""
    with dialogue(server) as talk:
        talk.expect(250, "HELO examiner")
        talk.mail("Subject: one", "", "QUIT", "DATA", "the end.")
        talk.quiet()


async def prints_it(server):
    """it prints each line of the mail, empty ones too, with took: in front"""
    lines = ["Subject: prints", "", "a line", "RCPT TO:<nobody>", "the last line"]
    await asyncio.to_thread(send_one, server, lines)
    await expect_printed(server, lines)


def send_one(server, lines):
    with dialogue(server) as talk:
        talk.expect(250, "HELO examiner")
        talk.mail(*lines)
        talk.expect(221, "QUIT")


async def expect_printed(server, lines):
    """Wait for these lines one after the other in the log."""
    wanted = [f"took: {line}".rstrip() for line in lines]

    def printed():
        log = [line.rstrip() for line in server.log.splitlines()]
        return any(log[place : place + len(wanted)] == wanted for place in range(len(log)))

    try:
        await wait_until(printed, PATIENCE)
    except NotSeen:
        raise NotYet(
            f"sent a mail of {len(lines)} lines, expected in the log {wanted}, came {server.log.splitlines()[-9:]}"
        ) from None


async def knows_dots(server):
    """two dots at the beginning of a line are one that was doubled; other dots stay"""
    await asyncio.to_thread(send_one, server, ["Subject: dots", "", "..", "..hidden", "...", "a..b", "end."])
    await expect_printed(server, ["Subject: dots", "", ".", ".hidden", "..", "a..b", "end."])


@in_thread
def says_goodbye(server):
    """QUIT is answered with 221, and then the connection ends"""
    with dialogue(server) as talk:
        talk.expect(221, "QUIT")
        try:
            rest = talk.incoming.read()
        except TimeoutError:
            raise NotYet(f"said 'QUIT', came 221; {PATIENCE} s later the connection is still there") from None
        if rest:
            raise NotYet(f"said 'QUIT', came 221 and then more: {rest[:60]!r}")


@in_thread
def smtplib_is_a_client(server):
    """Python's own mail client can send two mails in one conversation"""
    host, port = attempt(server)
    try:
        with smtplib.SMTP(host, port, local_hostname="examiner", timeout=PATIENCE) as smtp:
            for number in 1, 2:
                smtp.sendmail("ann@localhost", ["ben@localhost"], f"Subject: {number}\n\nhello\n.\nthe end\n")
    except (smtplib.SMTPException, TimeoutError) as problem:
        raise NotYet(f"smtplib gave up: {problem!r}") from None


@in_thread
def serves_beside_an_unfinished_mail(server):
    """a client in the middle of a mail does not keep the others waiting"""
    with dialogue(server) as slow:
        slow.expect(250, "HELO slow")
        slow.expect(250, "MAIL FROM:<slow@localhost>")
        slow.expect(250, "RCPT TO:<ben@localhost>")
        slow.expect(354, "DATA")
        slow.connection.sendall(b"Subject: unfinished\r\n")
        with dialogue(server) as quick:
            quick.expect(250, "HELO quick")
            quick.mail("Subject: quick", "", "done")
        slow.expect(250, "\r\n.")


EXERCISES = {
    "09.1": Exercise(
        "HTTP without a library",
        [speaks_http, names_type_and_length, counts_bytes, finds_nothing_else, reads_to_the_empty_line],
        [
            "The head is text: lines that end in \\r\\n, and an empty line after the last one. The page comes behind it.",
            "request_line.split() gives method, path and version. Look the path up in PAGES; .get() helps with those that are not there.",
            "Encode the page first. Then len() of it counts bytes.",
            "self.rfile.readline() returns b'\\r\\n' for the empty line. Read until it comes, and only then answer.",
        ],
    ),
    "09.2": Exercise(
        "an application in a page",
        [shows_a_form, shouts, shows_text, finds_no_other_page, serves_beside_a_silent_client],
        [
            'The form: <form method="post" action="shout"><input name="word"><button>Shout</button></form>. Method and path of a '
            'request are environ["REQUEST_METHOD"] and environ["PATH_INFO"].',
            'A form lies in environ["wsgi.input"], and is environ["CONTENT_LENGTH"] bytes long: read that many. '
            "urllib.parse.parse_qs turns it into a dict of lists.",
            "html.escape makes text of what a user has typed. First capitals, then escape.",
            "make_server takes a server_class: one with a mixin, as in lesson 07, on wsgiref.simple_server.WSGIServer.",
        ],
    ),
    "09.3": Exercise(
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
            "The first four letters of a line are its command. A dict can hold the answers; .get(command, '500 what?') knows the rest.",
            "After DATA the lines are no commands any more: take them in a loop of their own, and leave it when a line is only a dot.",
            "removeprefix('.') takes one dot away, if there is one. Test for the end of the mail before you do that.",
            "smtplib first says EHLO; answered with 500, it tries HELO. QUIT: answer, then return from handle(): the connection is closed.",
        ],
    ),
}
