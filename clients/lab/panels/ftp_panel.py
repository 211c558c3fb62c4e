"""An FTP client in a notebook: upload a file, download it, list the folder; by click or by code."""

import asyncio
import base64
import html
from pathlib import Path

import ipywidgets as widgets

from clients import ftp
from clients.lab.ui.boxes import log_box, table
from clients.lab.ui.fields import text_area, text_field
from clients.lab.ui.status import Status

MAX_SHOWN = 1000  # characters of a file
MAX_LINK = 1_000_000  # bytes of a file offered as a link in the page


class FtpPanel:
    """A client for an FTP server. `panel = FtpPanel(server)` creates it; `panel` at the end of a cell shows it.

    `await panel.upload("notes.txt", b"...")`, `await panel.download("notes.txt")` and `await panel.listing()` do the same as the
    buttons. User and password are filled in from the server's log; you can type another password.
    """

    def __init__(self, server):
        self.server = server
        self.files = None  # the last listing
        self.status = Status()  # `status.words` is the outcome of the last action
        self.user, self.password = text_field("User"), text_field("Password")
        self._filled_in = "", ""
        self.name, self.content = text_field("File name", "notes.txt"), text_area("Content", "What I want to keep.\n")
        self.buttons = {
            "Upload": self.status.button("Upload content", "Store the content under this name", self.upload),
            "Download": self.status.button("Download file", "Fetch the file of this name", self.download),
            "List": self.status.button("List folder", "List the server's folder", self.listing),
        }
        self.picker = widgets.FileUpload(description="Upload a file from disk", layout=widgets.Layout(width="max-content"))
        self.picker.observe(self._picked, names="value")
        self.folder, self.fetched = widgets.HTML(), widgets.HTML()
        row = widgets.Layout(flex_flow="row wrap", margin="0 0 0 96px")
        self.widget = widgets.VBox(
            [
                *(self.user, self.password, self.name, self.content),
                widgets.HBox([*self.buttons.values(), self.picker], layout=row),
                self.status.widget,
                self.folder,
                self.fetched,
            ]
        )

    async def upload(self, name=None, content=None):
        """Store `content` (bytes, text, or a Path) as `name`, both taken from the panel by default; then list the folder."""
        name = self._named(name)
        content = self.content.value if content is None else content
        content = content.encode() if isinstance(content, str) else content
        await self.status.doing(f"uploading {name}", self._with_account(ftp.upload, name, content))
        await self._list()

    async def download(self, name=None):
        """Fetch the file `name`, show it, and return its bytes."""
        name = self._named(name)
        data = await self.status.doing(f"downloading {name}", self._with_account(ftp.download, name))
        self.fetched.value = _file(name, data)
        return data

    async def listing(self):
        """List the server's folder; return a list of File(name, size)."""
        await self.status.doing("listing the folder", self._list())
        return self.files

    def __repr__(self):
        files = "not listed yet" if self.files is None else f"{len(self.files)} in the folder"
        return f"FtpPanel of {self.server.name}: {files}"

    def _repr_mimebundle_(self, **options):
        return self.widget._repr_mimebundle_(**options) | {"text/plain": repr(self)}

    def _named(self, name):
        if name is not None:
            self.name.value = name
        return self.name.value

    async def _with_account(self, action, *arguments):
        """Log in with user and password of the panel, which come from the server's log until something else is typed."""
        account = await asyncio.to_thread(ftp.account, self.server)
        if (self.user.value, self.password.value) == self._filled_in:  # unchanged by the learner; a restarted server has a new password
            self._filled_in = self.user.value, self.password.value = account.user, account.password
        account = account._replace(user=self.user.value, password=self.password.value)
        return await asyncio.to_thread(action, account, *arguments)

    async def _list(self):
        self.files = await self._with_account(ftp.listing)
        rows = [(file.name, "folder" if file.size is None else f"{file.size} bytes") for file in self.files]
        self.folder.value = table("In the server's folder", ("Name", "Size"), rows, "the server's folder is empty")

    def _picked(self, change):
        """Upload the files picked in the browser."""
        for file in change["new"]:
            self.status.start(self.upload(Path(file["name"]).name, bytes(file["content"])))
        self.picker.value = ()  # so that the same file can be picked again, for example after a refusal


def _file(name, data):
    """Return the start of a file, if it is text, and a link for saving it, as HTML."""
    try:
        content = data.decode()
        content = content[:MAX_SHOWN] + (" ..." if len(content) > MAX_SHOWN else "")
    except UnicodeDecodeError:
        content = "(not text)"
    link = ""
    if len(data) <= MAX_LINK:
        encoded = base64.b64encode(data).decode()
        link = (
            f' <a style="text-decoration: underline" download="{html.escape(Path(name).name)}" '
            f'href="data:application/octet-stream;base64,{encoded}">Save {html.escape(name)} on this computer</a>'
        )
    return f"<div>{html.escape(name)}: {len(data)} bytes.{link}</div>" + log_box(content, f"the content of {name}")
