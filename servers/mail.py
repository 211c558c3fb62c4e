"""A mail server 邮件服务器: SMTP (RFC 5321) with aiosmtpd, on the model of tcp_asyncio.

What changes  against tcp_asyncio: the library holds the conversation; we only decide whose mail
              we take, and where it goes
It buys       a protocol that mail programs speak; a mail is stored before the client gets 250, so
              none is lost in between
It costs      the loop stalls while a mail is written to disk; and SMTP does not verify the sender
Break it      leave in the middle of a mail; send one to ../../escape@localhost; send a mail that is
              larger than --size

Each recipient has a Maildir in the folder: one file per mail, complete as soon as it is in new/
(mailbox.Maildir).
"""

import asyncio
import mailbox
import re
from email.utils import formatdate

from aiosmtpd.smtp import SMTP

from servers import app, folder, main, sockets

DOMAIN = "localhost"
NAME = re.compile(r"\w[\w.+-]*")  # of a mailbox and its folder: no slash, no leading dot
LONGEST_NAME = 64  # bytes (RFC 5321, 4.5.3.1.1)
MAX_RECIPIENTS = 100  # per mail (RFC 5321, 4.5.3.1.8)


def serve(options):
    kept = folder.kept_in(options.folder, "mail-")
    with sockets.tcp_listener(options) as listener, kept as place:
        asyncio.run(serve_forever(listener, Postman(place), options))


async def serve_forever(listener, postman, options):
    loop = asyncio.get_running_loop()

    def session():
        return Session(postman, loop, options.size)

    await loop.create_server(session, sock=listener, backlog=options.backlog)
    main.announce(listener)
    print(f"folder: {postman.place}", flush=True)
    await asyncio.Future()  # forever; Server.serve_forever() makes Ctrl-C wait for silent clients


class Postman:
    """The hooks that aiosmtpd calls during a session. A reply that starts with 4 or 5 refuses.

    The replies use the words of RFC 5321, 4.2.3, and of Postfix.
    """

    def __init__(self, place):
        self.place = place

    async def handle_RCPT(self, server, session, envelope, address, options):
        name, _, domain = address.partition("@")
        if domain.lower() not in ("", DOMAIN):
            return f"550 5.7.1 Relay access denied: we accept mail for {DOMAIN} only"
        too_long = len(name.encode(errors="replace")) > LONGEST_NAME
        if too_long or not NAME.fullmatch(name):
            allowed = f"letters, digits and . _ + -, and at most {LONGEST_NAME} bytes"
            return f"553 5.1.3 Mailbox name not allowed: use {allowed}"
        if len(envelope.rcpt_tos) == MAX_RECIPIENTS:
            return f"452 4.5.3 Too many recipients: a mail may have {MAX_RECIPIENTS}"
        envelope.rcpt_tos.append(name.lower())
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = trace(session, envelope) + envelope.content.replace(b"\r\n", b"\n")
        names = sorted(set(envelope.rcpt_tos))
        for name in names:
            # Written in tmp/, then moved to new/: no reader ever sees half a mail.
            mailbox.Maildir(self.place / name).add(mail)
        print(f"stored {len(mail)} bytes for {', '.join(names)}", flush=True)
        return "250 2.0.0 OK: stored"

    async def handle_exception(self, error):
        print(f"not stored: {error!r}", flush=True)
        return "451 4.3.0 Requested action aborted: local error in processing"


def trace(session, envelope):
    """Return the lines that a server adds on top of each mail (RFC 5321, 4.4).

    Text from the client cannot break out of its line. An error report has an empty sender: <>.
    """
    sender = "".join(filter(str.isprintable, envelope.mail_from)).strip("<>")
    received = f"Received: from [{session.peer[0]}] by {DOMAIN}; {formatdate()}"
    lines = f"Return-Path: <{sender}>", received
    return "".join(line + "\n" for line in lines).encode(errors="replace")


class Session(SMTP):
    """One client's connection."""

    def __init__(self, postman, loop, size):
        super().__init__(
            postman,
            loop=loop,
            hostname=DOMAIN,
            ident="Service ready",
            data_size_limit=size,
            enable_SMTPUTF8=True,
        )

    def _set_post_data_state(self):
        super()._set_post_data_state()
        self.heard = 0  # bytes received since the last mail

    def data_received(self, data):
        """Disconnect a client whose mail never ends.

        aiosmtpd reads an oversized mail to its end, in order to answer 552.
        """
        self.heard += len(data)
        if self.heard > 2 * self.data_size_limit + app.LINE_LIMIT:
            self.transport.abort()
        else:
            super().data_received(data)


parser = main.parser(__doc__)
parser.add_argument("--folder", help="keeps the mail (a new one, removed when the server ends)")
parser.add_argument(
    "--size", type=main.number(1), default=10_000_000, help="bytes in a mail (10,000,000)"
)

if __name__ == "__main__":
    main.run(serve, parser)
