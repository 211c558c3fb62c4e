"""A mail client as you would write it: send a mail to a mail server, and read the mailbox in which the server stored it.

From a terminal:  python -m clients.mail 127.0.0.1:2525 ann@localhost ben@localhost "Lunch?" "At noon, by the river."
"""

import email
import email.policy
import mailbox
import re
import smtplib
import sys
from email.message import EmailMessage
from pathlib import Path

from clients.log import said
from clients.tcp import address_of, arguments, refused


class MailRefused(Exception):
    """The server refused the mail; the message holds its answer."""


def send(address, sender, to, subject, text, timeout=5):
    """Send a mail to one recipient, or to a list of them: either all of them get it, or MailRefused is raised.

    Raises ConnectionRefusedError, TimeoutError or ConnectionError when no answer comes.
    """
    recipients = [to] if isinstance(to, str) else list(to)
    host, port = address
    try:
        # Without local_hostname, smtplib looks up this machine's name in the network, which may take seconds.
        with smtplib.SMTP(host, port, local_hostname="localhost", timeout=timeout) as smtp:
            smtp.ehlo()
            options = ["SMTPUTF8"] if smtp.has_extn("smtputf8") else []
            refuse_if(smtp.mail(sender, options), f"mail from {sender}")
            for recipient in recipients:
                refuse_if(smtp.rcpt(recipient), f"mail for {recipient}")
            refuse_if(smtp.data(composed(sender, recipients, subject, text)), "the mail")
    except ConnectionRefusedError:
        raise refused(address) from None
    except (TimeoutError, smtplib.SMTPServerDisconnected) as problem:
        if any(isinstance(one, TimeoutError) for one in (problem, problem.__context__)):  # smtplib raises the same for both
            raise TimeoutError(f"the server at {host}:{port} did not answer within {timeout} s.") from None
        raise ConnectionError(f"the server at {host}:{port} broke the connection before it had accepted the mail.") from None
    except smtplib.SMTPDataError as problem:  # it refused the DATA command itself
        refuse_if(problem.args, "the mail")


def composed(sender, recipients, subject, text):
    """Return the mail itself as bytes: headers, an empty line, the text (RFC 5322)."""
    mail = EmailMessage(policy=email.policy.SMTPUTF8)
    try:
        mail["From"], mail["To"], mail["Subject"] = sender, ", ".join(recipients), subject
    except ValueError as problem:
        raise MailRefused(f"this cannot be part of a mail's header: {problem}") from None
    mail.set_content(text)
    return bytes(mail)


def refuse_if(answer, what):
    """Raise MailRefused if the reply code is 4xx (refused for now) or 5xx (refused for good; RFC 5321, 4.2.1)."""
    code, text = answer
    if code >= 400:
        raise MailRefused(f"the server refused {what}: {code} {text.decode(errors='replace')}")


def mails(server, name):
    """Return the mails in the mailbox `name`, in order of arrival: a list of EmailMessage.

    `server` is a running mail server, or the folder in which one keeps its mail. A mailbox exists from its first mail on.
    """
    folder = Path(server if isinstance(server, (str, Path)) else said(server, "folder"))
    name = name.partition("@")[0].lower()
    if name not in [new.parent.name for new in folder.glob("*/new")]:  # only a name that the folder lists: ".." is none
        return []
    box = mailbox.Maildir(folder / name, read_as_message, create=False)
    return [box[key] for key in sorted(box.keys(), key=arrival)]


def read_as_message(file):
    with file:
        return email.message_from_binary_file(file, policy=email.policy.default)


def arrival(key):
    """Return [second, microsecond] from the name of a file in a Maildir, such as 1700000000.M250000P..."""
    return [int(number) for number in re.findall(r"\d+", key)[:2]]


def main():
    """Send the mail that the command line describes."""
    parser = arguments(__doc__)
    parser.add_argument("sender", help="such as ann@localhost")
    parser.add_argument("to", help="one recipient, or several with commas between them")
    parser.add_argument("subject")
    parser.add_argument("text")
    options = parser.parse_args()
    try:
        send(address_of(options.address), options.sender, options.to.split(","), options.subject, options.text)
    except (OSError, ValueError, MailRefused) as problem:
        sys.exit(str(problem))
    print("sent")


if __name__ == "__main__":
    main()
