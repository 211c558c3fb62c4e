"""The exercises of lesson 09: HTTP."""

import asyncio
import contextlib
import select
from urllib.parse import urljoin

from clients import web
from clients.lab.learning.exercises import Exercise, NotMet, client, explained, pieces, require
from clients.lab.learning.exercises.patience import happens
from clients.lab.ui.waiting import NotSeen, wait_until_idle
from clients.tcp import connect
from servers.runtime import process_tree
from servers.runtime.events import written

PATIENCE = 8  # seconds
MUCH = 10_000_000  # bytes: more than any page of these exercises has


def attempt(server):
    """Return the address of the attempt. Raises NotMet if it is not a server."""
    client(server)
    return server.address


# ---------------------------------------------------------------- 09.1


def raw(server, path):
    """Return (lines of the head, body as bytes) of the answer to a request for path."""
    request = f"GET {path} HTTP/1.0\r\nHost: examiner\r\n\r\n".encode()
    try:
        answer = web.exchange(attempt(server), request, PATIENCE)
    except TimeoutError as problem:
        came = str(problem).partition(" It may")[0]  # drop the advice: this request is complete
        raise NotMet(f"asked for {path}, with the empty line that ends a request: {came}") from None
    require(answer, f"asked for {path}, and the server closed the connection without an answer")
    head, empty_line, body = answer.partition(b"\r\n\r\n")
    require(empty_line, f"asked for {path}, expected a head that ends in an empty line (\\r\\n\\r\\n), got {answer[:80]!r}")
    return head.decode("latin-1").split("\r\n"), body


def status_of(server, path):
    lines, body = raw(server, path)
    words = lines[0].split()
    if len(words) < 3 or not words[0].startswith("HTTP/1.") or not words[1].isdecimal():
        raise NotMet(f"asked for {path}, expected a status line like 'HTTP/1.0 200 OK', got {lines[0]!r}")
    return int(words[1]), lines, body


def speaks_http(server):
    """/ is answered by a status line, HTTP/1.0 200 OK, headers, an empty line, and the page Hello"""
    status, _, body = status_of(server, "/")
    if (status, body) != (200, b"Hello\n"):
        raise NotMet(f"asked for /, expected status 200 and the page b'Hello\\n', got {status} and {body!r}")


def names_type_and_length(server):
    """every header is Name: value, and Content-Type and Content-Length are among them"""
    _, lines, body = status_of(server, "/")
    headers = headers_of(lines)
    if headers.get("content-type", "").replace(" ", "").lower() != "text/plain;charset=utf-8":
        raise NotMet(f"expected Content-Type: text/plain; charset=utf-8, got {headers.get('content-type')!r}")
    if headers.get("content-length") != str(len(body)):
        raise NotMet(f"the page has {len(body)} bytes, and Content-Length says {headers.get('content-length')!r}")


def headers_of(lines):
    for line in lines[1:]:
        require(":" in line and line == line.strip(), f"this is not a header: {line!r}")
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}


def counts_bytes(server):
    """/nihao is 你好: its length is counted in bytes"""
    status, lines, body = status_of(server, "/nihao")
    length = headers_of(lines).get("content-length")
    if (status, body, length) != (200, "你好\n".encode(), "7"):
        raise NotMet(
            f"asked for /nihao, expected status 200, Content-Length 7 and {'你好'!r}; "
            f"got {status}, {length!r} and {body.decode(errors='replace')!r}"
        )


def finds_nothing_else(server):
    """a path that is not in PAGES is answered with status 404"""
    for path in "/nowhere", "/nihao/more", "/NIHAO":
        status, lines, body = status_of(server, path)
        require(status == 404, f"asked for {path}, expected status 404, got {status}")
        if headers_of(lines).get("content-length") != str(len(body)):
            raise NotMet(f"asked for {path}: the 404 needs a right Content-Length too")


async def reads_to_the_empty_line(server):
    """a request is read to its empty line before it is answered"""
    sent = 0
    with connect(attempt(server), PATIENCE) as connection:
        for part in b"GET / HTTP/1.0\r\n", b"Host: examiner\r\nAccept: text/plain\r\n":
            connection.sendall(part)
            sent += len(part)
            await reads_on(server, connection, sent)
        connection.sendall(b"\r\n")
        answer = await asyncio.to_thread(read_all, connection)
    require(answer.endswith(b"Hello\n"), f"sent the request in pieces; expected the page Hello, got {answer[:80]!r}")
    with connect(server.address, PATIENCE) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n")
    await comes_to_rest(server, "a client broke off before the empty line")


async def comes_to_rest(server, after):
    endless = f"{after}, and the server does not come to rest: at the end of a connection, reading returns b'' again and again"
    with explained(endless, NotSeen):
        await wait_until_idle(server, PATIENCE)


async def reads_on(server, connection, sent):
    """Wait until the server has received everything sent, and is idle: it must not have answered or closed by then."""
    me = written(connection.getsockname())

    def answered():
        return bool(select.select([connection], [], [], 0)[0])

    def has_it_all():
        received = sum(event.bytes for event in server.events() if event.kind == "receive" and event.peer == me)
        return answered() or received == sent

    def rests():
        return answered() or all(map(process_tree.is_idle, server.pids()))

    if server.watchable and not await happens(has_it_all, PATIENCE):
        raise NotMet("sent a part of a request; the server neither reads on nor answers")
    await happens(rests, PATIENCE)
    require(not answered(), "sent a part of a request, without the empty line; the server did not wait for its end")


def read_all(connection):
    received = b""
    with contextlib.suppress(TimeoutError):
        for piece in pieces(connection, MUCH):
            received += piece
    return received


# ---------------------------------------------------------------- 09.2


def get(server, path, **form):
    """Fetch a page, or send a form there."""
    ask = web.submit if form else web.fetch
    page = ask(attempt(server), path, timeout=PATIENCE, **form)
    require(page.status < 500, f"{path}: the application failed, so the server answered {page.status} {page.reason}")
    return page


def shows_a_form(server):
    """GET / is a page with a form: one field, word, sent by POST to shout"""
    page = get(server, "/")
    if page.status != 200 or not page.forms:
        raise NotMet(f"asked for /, expected status 200 and a form, got {page.status} and {len(page.forms)} forms")
    action, method, fields = page.forms[0]
    if (urljoin("/any/page", action), method, list(fields)) != ("/any/shout", "POST", ["word"]):
        raise NotMet(
            f"expected a form with the field word, method post and action shout; "
            f"got the fields {', '.join(fields) or 'none'}, method {method.lower()} and action {action!r}"
        )


def shouts(server):
    """what the form sends comes back in capitals"""
    for word in "hello", "été", "two words", "a+b=c", "":
        page = get(server, "/shout", word=word)
        if page.status != 200 or word.upper() not in page.words:
            raise NotMet(f"sent the word {word!r}, expected {word.upper()!r} in the page, got {page.status}: {page.words[:80]!r}")
        told = f"{page.head} {page.text[:1024]}".lower()  # UTF-8 is declared in Content-Type, or in a <meta> in the first 1,024 bytes
        if not word.isascii() and "utf-8" not in told:
            raise NotMet(
                f"sent the word {word!r}, and the page that came does not say that it is UTF-8: a browser has to guess, "
                "and may show other letters"
            )


def shows_text(server):
    """a word that looks like HTML is shown as plain text"""
    for word in "<b>hello</b>", "fish & chips", "<script>alert(1)</script>":
        page = get(server, "/shout", word=word)
        if "<" in word and word.lower() in page.text.lower():  # the page itself may contain a <b> and a script
            raise NotMet(f"sent the word {word!r}, and it became a part of the page: {page.text[:80]!r}")
        if word.upper() not in page.words:
            raise NotMet(f"sent the word {word!r}, expected the text {word.upper()!r}, a browser would show {page.words[:80]!r}")


def finds_no_other_page(server):
    """everything else is answered with status 404"""
    for path in "/nowhere", "/shout/louder", "/shout":
        page = get(server, path)
        require(page.status == 404, f"asked for {path}, expected status 404, got {page.status}")
    page = get(server, "/shout/louder", word="hello")
    require(page.status == 404, f"sent the form to /shout/louder, expected status 404, got {page.status}")


def serves_beside_a_silent_client(server):
    """a silent client does not keep the others waiting"""
    with connect(attempt(server), PATIENCE), connect(server.address, PATIENCE):
        asked = f"two clients are connected and silent; a third asked for /, and had no answer within {PATIENCE} s"
        with explained(asked, TimeoutError):
            get(server, "/")


EXERCISES = {
    "09.1": Exercise(
        "HTTP without a library",
        [speaks_http, names_type_and_length, counts_bytes, finds_nothing_else, reads_to_the_empty_line],
        [
            "The head is text: lines that end in \\r\\n, and an empty line after the last one. The page follows it.",
            "request_line.split() gives method, path and version. Look the path up in PAGES; .get() helps with those that are not there.",
            "Encode the page first. Then its len() counts bytes.",
            "self.rfile.readline() returns b'\\r\\n' for the empty line, and b'' when the client has left. Read until one of them comes.",
        ],
    ),
    "09.2": Exercise(
        "an application in a page",
        [shows_a_form, shouts, shows_text, finds_no_other_page, serves_beside_a_silent_client],
        [
            'The form: <form method="post" action="shout"><input name="word"><button>Shout</button></form>. Method and path of a '
            'request are environ["REQUEST_METHOD"] and environ["PATH_INFO"].',
            'The form can be read from environ["wsgi.input"], and is environ["CONTENT_LENGTH"] bytes long: read that many. '
            "urllib.parse.parse_qs turns it into a dict of lists.",
            "html.escape turns what a user has typed into harmless text. First make it capitals, then escape it.",
            "make_server takes a server_class: make one of a mixin, as in lesson 07, and wsgiref.simple_server.WSGIServer.",
        ],
    ),
}
