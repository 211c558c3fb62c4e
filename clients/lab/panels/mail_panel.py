"""A mail client in a notebook: write a mail, send it, read a mailbox; by click or by code."""

import asyncio

import ipywidgets as widgets

from clients import mail
from clients.lab.ui.boxes import table
from clients.lab.ui.fields import WRAP, text_area, text_field
from clients.lab.ui.status import Status

MAX_SHOWN = 400  # characters of a mail's text
MAX_MAILS = 8  # the last mails are shown


class MailPanel:
    """A client for a mail server. `panel = MailPanel(server)` creates it; `panel` at the end of a cell shows it.

    `await panel.send(to="ben@localhost", subject="Lunch?")` and `await panel.look("ben")` do the same as the buttons.
    """

    def __init__(self, server):
        self.server = server
        self.mails = []  # the mails in the open mailbox
        self.open = "ben"  # the owner of the open mailbox
        self.status = Status()  # `status.words` is the outcome of the last action
        self.sender, self.to = text_field("From", "ann@localhost"), text_field("To", "ben@localhost")
        self.subject, self.text = text_field("Subject", "Lunch?"), text_area("Text", "At noon, by the river?")
        self.send_button = self.status.button("Send mail", "Send this mail to the server", self.send)
        self.name = text_field("Mailbox of", self.open, lambda: self.status.start(self.look()))
        self.look_button = self.status.button("Look into it", "Read this mailbox", self.look)
        self.mailbox = widgets.HTML()
        self.widget = widgets.VBox(
            [
                *(self.sender, self.to, self.subject, self.text),
                widgets.HBox([self.send_button], layout=widgets.Layout(margin="0 0 0 96px")),
                self.status.widget,
                widgets.HBox([self.name, self.look_button], layout=WRAP),
                self.mailbox,
            ]
        )
        self._show()

    async def send(self, to=None, subject=None, text=None, sender=None):
        """Send a mail, with the panel's values as defaults; then open the mailbox of its first recipient.

        Separate several recipients with commas. Raises what clients.mail.send raises.
        """
        for field, value in (self.to, to), (self.subject, subject), (self.text, text), (self.sender, sender):
            if value is not None:
                field.value = value
        recipients = [name.strip() for name in self.to.value.split(",") if name.strip()]
        if not recipients:
            self.status.say("failed", "sending: a mail needs a recipient, like ben@localhost")
            raise ValueError("a mail needs a recipient, like ben@localhost")
        what = self.server.address, self.sender.value, recipients, self.subject.value, self.text.value
        await self.status.doing(f"sending to {self.to.value}", asyncio.to_thread(mail.send, *what))
        await self._open(recipients[0])

    async def look(self, name=None):
        """Open a person's mailbox, and return the mails in it: a list of EmailMessage."""
        name = self.name.value if name is None else name
        await self.status.doing(f"looking into the mailbox of {name}", self._open(name))
        return self.mails

    def __repr__(self):
        return f"MailPanel of {self.server.name}: {len(self.mails)} in the mailbox of {self.open}"

    def _repr_mimebundle_(self, **options):
        return self.widget._repr_mimebundle_(**options) | {"text/plain": repr(self)}

    async def _open(self, name):
        self.name.value = self.open = name.partition("@")[0]
        self.mails = await asyncio.to_thread(mail.mails, self.server, self.open)
        self._show()

    def _show(self):
        rows = [(message["From"] or "", message["Subject"] or "", _words(message)) for message in self.mails[-MAX_MAILS:]]
        earlier = f", {len(rows)} of {len(self.mails)}" if len(self.mails) > len(rows) else ""
        caption = f"In the mailbox of {self.open}{earlier}"
        self.mailbox.value = table(caption, ("From", "Subject", "Text"), rows, f"no mail in the mailbox of {self.open}")


def _words(message):
    """Return the start of a mail's text."""
    body = message.get_body(("plain",))
    if body is None:
        return "(no plain text)"
    try:
        content = body.get_content().rstrip("\n")
    except LookupError:  # an unknown character set
        return "(unreadable)"
    return content[:MAX_SHOWN] + (" ..." if len(content) > MAX_SHOWN else "")
