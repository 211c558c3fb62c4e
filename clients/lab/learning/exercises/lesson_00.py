"""The exercises of lesson 00: what is a server."""

import re

from clients import web
from clients.examiner.requirements_tcp import joined, pieces
from clients.lab.learning.exercises import PEOPLE, Exercise, NotMet, client, dialogue, from_examiner, require

PATIENCE = 8  # seconds for a page

# ---------------------------------------------------------------- 00.2


def get(server, path):
    """Return (status, text) as a browser gets them for a path."""
    client(server)  # raises NotMet if the attempt is not a server
    page = web.fetch(server.address, path, PATIENCE)
    return page.status, page.text.strip()


def greets(server):
    """/hello/Ann is answered with status 200 and the text: Hello, Ann"""
    expect_page(server, "/hello/Ann", "Hello, Ann")


def greets_others(server):
    """other names are greeted too"""
    for name in "Ben", "R2D2", "hello":
        expect_page(server, f"/hello/{name}", f"Hello, {name}")


def expect_page(server, path, expected):
    status, text = get(server, path)
    require(status == 200, f"asked for {path}, expected status 200, got {status}")
    require(text == expected, f"asked for {path}, expected {expected!r}, got {text[:60]!r}")


def finds_nothing_else(server):
    """every other address is answered with status 404"""
    for path in "/", "/goodbye/Ann", "/say/hello/Ann", "/helloAnn":
        status, _ = get(server, path)
        require(status == 404, f"asked for {path}, expected status 404, got {status}")
        request = f"GET {path} HTTP/1.0\r\n\r\n".encode()
        answer = web.exchange(server.address, request, PATIENCE)
        if second := re.search(rb"HTTP/1\.\d \d+ .*$", answer[1:], re.MULTILINE):
            raise NotMet(f"asked for {path}, got status 404, and then a second answer: {second[0].decode().strip()!r}")


EXERCISES = {
    "00.1": Exercise(
        "new logic",
        [
            dialogue("counts", "a line is answered with the number of its characters", {"hello": "5"}),
            dialogue("counts characters", "a character is one character, however many bytes it needs", {"你好": "2"}),
            dialogue(
                "keeps blanks", "the newline does not count, blanks do, and an empty line has no characters", {" a b ": "5", "": "0"}
            ),
            *(from_examiner(one, answer=lambda line: b"%d" % len(line.decode())) for one in (joined, pieces)),
            dialogue("goes on", "the server goes on: three clients, three lines each", {"a": "1", "bb": "2", "ccc": "3"}, PEOPLE),
        ],
        [
            "What is in `line`: bytes or characters? Does it still have its newline?",
            "line.decode() gives text; text.rstrip('\\n') takes the newline off.",
            "The answer is a message too: how does the client know where it ends? b'%d\\n' % 5 makes b'5\\n'.",
        ],
    ),
    "00.2": Exercise(
        "a page with a name",
        [greets, greets_others, finds_nothing_else],
        [
            "self.path is what the browser asks for, as a str: '/hello/Ann'.",
            "A str has startswith() and removeprefix().",
            "An error in do_GET is printed by the server: print(greeter.log) shows it.",
            "self.send_error(404) sends a whole answer with status 404. After it, do_GET has to return.",
        ],
    ),
}
