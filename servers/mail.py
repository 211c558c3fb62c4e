"""A mail server 邮件服务器: SMTP (RFC 5321) with aiosmtpd, on the model of tcp_asyncio.

What changes  against tcp_asyncio: the conversation is the library's; ours is what follows from it: whose mail we take, and where it goes
It buys       a protocol that mail programs speak; a mail is stored before the client hears 250, so none is lost between the two
It costs      the loop stands still while a mail is written to disk; and SMTP asks nobody who he is
Break it      leave in the middle of a mail; send one to ../../escape@localhost; send a mail that is larger than --size

Each recipient has a Maildir in the folder: a file for each mail, complete as soon as it is in new/ (mailbox.Maildir).
"""

import asyncio
import mailbox
import re
import socket
from email.utils import formatdate

from aiosmtpd.smtp import SMTP

from servers import app, folder

DOMAIN = "localhost"
NAME = re.compile(r"\w[\w.+-]*")  # of a mailbox, and so of a folder: no slash, no dot in front
LONGEST_NAME = 64  # bytes (RFC 5321, 4.5.3.1.1)
MOST_RECIPIENTS = 100  # of one mail (RFC 5321, 4.5.3.1.8)


def serve(options):
    with app.tcp_listener(options) as listener, folder.kept_in(options.folder, "mail-") as place:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the library sends an answer in pieces: see tcp(7)
        asyncio.run(serve_forever(listener, Postman(place), options))


async def serve_forever(listener, postman, options):
    loop = asyncio.get_running_loop()

    def visit():
        return Visit(postman, loop, options.size)

    await loop.create_server(visit, sock=listener, backlog=options.backlog)
    app.announce(listener)
    print(f"folder: {postman.place}", flush=True)
    await asyncio.Future()  # for ever; serve_forever() would let Ctrl-C wait for silent clients, from Python 3.12 on


class Postman:
    """What aiosmtpd asks us while it talks to a client. An answer that begins with 4 or 5 is a refusal."""

    def __init__(self, place):
        self.place = place

    async def handle_RCPT(self, visit, session, envelope, address, options):
        name, _, domain = address.partition("@")
        if domain.lower() not in ("", DOMAIN):
            return f"550 5.7.1 we take mail for {DOMAIN} only, and relay none"
        if not NAME.fullmatch(name) or len(name.encode(errors="replace")) > LONGEST_NAME:
            return f"553 5.1.3 the name of a mailbox has letters, digits, . _ + - and at most {LONGEST_NAME} bytes"
        if len(envelope.rcpt_tos) == MOST_RECIPIENTS:
            return f"452 4.5.3 a mail may have {MOST_RECIPIENTS} recipients"
        envelope.rcpt_tos.append(name.lower())
        return "250 2.1.5 OK"

    async def handle_DATA(self, visit, session, envelope):
        mail = trace(session, envelope) + envelope.content.replace(b"\r\n", b"\n")
        names = sorted(set(envelope.rcpt_tos))
        for name in names:
            mailbox.Maildir(self.place / name).add(mail)  # written in tmp/, then moved to new/: nobody ever sees half a mail
        print(f"stored {len(mail)} bytes for {', '.join(names)}", flush=True)
        return "250 2.0.0 stored"

    async def handle_exception(self, error):
        print(f"not stored: {error!r}", flush=True)
        return "451 4.3.0 something is wrong here; try again later"


def trace(session, envelope):
    """What a server adds on top of each mail that it takes (RFC 5321, 4.4). Whatever came from the client stays on its line."""
    sender = "".join(filter(str.isprintable, envelope.mail_from)).strip("<>")  # an error report comes from nobody: <>
    lines = f"Return-Path: <{sender}>", f"Received: from [{session.peer[0]}] by {DOMAIN}; {formatdate()}"
    return "".join(line + "\n" for line in lines).encode(errors="replace")


class Visit(SMTP):
    """One client's connection."""

    def __init__(self, postman, loop, size):
        super().__init__(postman, loop=loop, hostname=DOMAIN, ident="ready", data_size_limit=size, enable_SMTPUTF8=True)

    def _set_post_data_state(self):
        super()._set_post_data_state()
        self.heard = 0  # bytes since the last mail

    def data_received(self, data):
        """aiosmtpd reads a mail that is too large to its end, to answer 552. To a client that never ends we do not listen."""
        self.heard += len(data)
        if self.heard > 2 * self.data_size_limit + app.LINE_LIMIT:
            self.transport.abort()
        else:
            super().data_received(data)


if __name__ == "__main__":
    parser = app.arguments(__doc__)
    parser.add_argument("--folder", help="where mail is kept (a new folder, which goes when the server ends)")
    parser.add_argument("--size", type=app.number(1), default=10_000_000, help="bytes that a mail may have (10,000,000)")
    app.until_interrupted(serve, parser.parse_args())
