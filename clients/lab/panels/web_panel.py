"""A browser in a notebook: an address, the page, its form and links, and the bytes exchanged; by click or by code."""

import html

import ipywidgets as widgets

from clients.lab.lab_client import ClientError
from clients.lab.panels.browser import Browser
from clients.lab.ui.boxes import log_box
from clients.lab.ui.fields import WRAP, button, rest, text_field
from clients.lab.ui.link import links_to
from clients.lab.ui.status import clock, status_line
from clients.lab.ui.tasks import Clicks, Clockwork, current_loop

MAX_LINKS = 8
MAX_SHOWN = 4000  # bytes of a request or an answer


class WebPanel:
    """A browser for a web server (or an address). `panel = WebPanel(server)` creates it; `panel` at the end of a cell shows it.

    `await panel.fetch("/")` and `await panel.submit(line="hello")` do the same as the buttons. `panel.browser` is its Browser.
    """

    def __init__(self, server, name="browser"):
        self.browser = Browser(server, name)
        self._clicks = Clicks(self.update, known=ClientError)
        self._clock = Clockwork(lambda: self.browser.waiting, self.update, self._clicks.failed)
        self._shown_page = None
        self.address = text_field(f"{name} asks for", "/", self._click_go, label_width="initial")
        self.go = button("Go", self._click_go, f"Go, as {name}")
        self.status, self.clock, self.frame, self.bytes = (widgets.HTML() for _ in range(4))
        self.form, self.links = (widgets.HBox(layout=WRAP) for _ in range(2))
        self.fields, self.submit_button = {}, None
        self.link = widgets.HTML(links_to(self.browser.address))
        self.widget = widgets.VBox(
            [
                widgets.HBox([self.address, self.go], layout=WRAP),
                widgets.HBox([self.status, self.clock]),
                self.frame,
                self.form,
                self.links,
                self.bytes,
                self.link,
            ]
        )
        self.browser.observe(lambda _: self.update())
        self.update()

    async def fetch(self, path="/"):
        """Request a page and show it; return the Page."""
        return await self.browser.fetch(path)

    async def submit(self, **fields):
        """Send the form in the page with these values in its fields; return the Page received in answer."""
        return await self.browser.submit(**fields)

    @property
    def page(self):
        """The Page shown; None if there is none."""
        return self.browser.page

    def __iter__(self):
        return iter((self.browser,))

    def __repr__(self):
        server = self.browser.server
        return f"WebPanel of {server.name if server is not None else '{}:{}'.format(*self.browser.address)}: {self.browser!r}"

    def _repr_mimebundle_(self, **options):
        self.update()
        return self.widget._repr_mimebundle_(**options) | {"text/plain": repr(self)}

    # Handlers of clicks

    def _click_go(self):
        self._clicks.start(self.browser.fetch(self.address.value))

    def _click_submit(self):
        self._clicks.start(self.browser.submit(**{name: field.value for name, field in self.fields.items()}))

    # Display. Assigning an unchanged value to a widget sends no message.

    def update(self):
        """Show the state of the browser, and its page."""
        browser = self.browser
        mood = "busy" if browser.waiting else "ready" if browser.state == "no page yet" else "failed"
        if browser.page is not None and not browser.waiting and browser.page.status < 400:
            mood = "good"
        self.status.value = status_line(mood, self._clicks.trouble or browser.status)
        self.clock.value = clock(browser.since) if browser.waiting else ""
        rest(self.go, browser.waiting)
        if self.submit_button is not None:
            rest(self.submit_button, browser.waiting)
        if browser.waiting:
            self._clock.start(current_loop())
        if not browser.waiting and browser.page is not self._shown_page:
            self._show_page(browser.page)
        if not browser.waiting:
            self.bytes.value = _passed(browser)

    def _show_page(self, page):
        self._shown_page = page
        self.address.value = self.browser.path
        self.link.value = links_to(self.browser.address)  # a restarted server has another port
        self.frame.value = _framed(page, self.browser) if page is not None else ""
        form = self.browser.form
        self.fields = {
            name: text_field(f"Field {name}", value, self._click_submit, label_width="initial")
            for name, value in (form.fields if form else {}).items()
        }
        self.submit_button = button(f"Submit as {self.browser.name}", self._click_submit, "Send the form in the page")
        self.form.children = [*self.fields.values(), self.submit_button] if form else []
        links = list(dict.fromkeys(page.links))[:MAX_LINKS] if page is not None else []
        self.links.children = [
            button(f"Follow {link}", lambda link=link: self._clicks.start(self.fetch(link)), f"Go to {link}") for link in links
        ]


def _framed(page, browser):
    """Return the page in a frame that runs no scripts, sends nothing and cannot navigate; show anything but HTML as text."""
    kind = next((value for name, value in page.headers.items() if name.lower() == "content-type"), "")
    text = page.text if kind.startswith("text/html") else f"<pre>{html.escape(page.text)}</pre>"
    document = html.escape(f'<base target="_blank">{text}')
    parts = " and ".join(words for words, there in (("its form", page.forms), ("its links", page.links)) if there)
    caption = f"<div>This is a picture of the page; use {parts} below:</div>" if parts else ""
    return (
        f'<iframe sandbox="" title="The page that {html.escape(browser.name)} shows" srcdoc="{document}" style="width: 100%; '
        "max-width: 800px; height: 170px; border: 1px solid var(--jp-border-color1, #888); background: white; "
        f'color-scheme: light; pointer-events: none"></iframe>{caption}'
    )


def _passed(browser):
    """Return the bytes of the last exchange in both directions, as HTML."""
    if not browser.sent:
        return ""
    ways = (f"{browser.name} sent", browser.sent), ("The server sent", browser.received)
    return "".join(
        f"<details><summary>{html.escape(who)} {len(data)} bytes</summary>{log_box(_shown(data), who)}</details>"
        for who, data in ways
    )


def _shown(data):
    text = data[:MAX_SHOWN].decode(errors="replace").replace("\r\n", "\\r\\n\n")
    return text + (f"\n... {len(data) - MAX_SHOWN} bytes more" if len(data) > MAX_SHOWN else "")
