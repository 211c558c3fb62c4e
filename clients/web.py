"""A web client as you would write it: fetch a page, submit a form, and exchange raw bytes to see what crosses the wire.

From a terminal:  python -m clients.web 127.0.0.1:8000 /
                  python -m clients.web 127.0.0.1:8000 answer line=hello
"""

import contextlib
import sys
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from urllib.parse import quote, urlencode

from clients import tcp

FORM = {"Content-Type": "application/x-www-form-urlencoded"}  # how a browser encodes a form: line=hello+world


class Page(NamedTuple):
    """A server's response: status (200), reason ("OK"), headers by name, and text (the body, decoded)."""

    status: int
    reason: str
    headers: dict
    text: str

    @property
    def head(self):
        """Status and headers, one per line."""
        return "\n".join([f"{self.status} {self.reason}", *(f"{name}: {value}" for name, value in self.headers.items())])

    @property
    def forms(self):
        """The forms of the page, as a browser finds them: a list of Form."""
        return parsed(self.text).forms

    @property
    def links(self):
        """The targets of the page's links, as written in the page."""
        return parsed(self.text).links

    @property
    def words(self):
        """The text without its tags, as a browser shows it."""
        return " ".join("".join(parsed(self.text).words).split())


class Form(NamedTuple):
    """A form: its target (relative to its page), its method, and its fields with their values."""

    action: str
    method: str
    fields: dict


def fetch(address, path="/", timeout=5):
    """Ask the web server at address for a page. Redirects are not followed, so that you see them."""
    with contextlib.closing(connect(address, timeout)) as connection:
        return request(connection, "GET", path)


def submit(address, path, /, timeout=5, **fields):
    """Send a form's fields to the web server at address, and return the Page that comes back."""
    with contextlib.closing(connect(address, timeout)) as connection:
        return request(connection, "POST", path, fields)


def exchange(address, data, timeout=5):
    """Send these bytes unchanged, and return all bytes that arrive until the server closes the connection."""
    received = bytearray()
    with tcp.connect(address, timeout) as connection:
        try:
            connection.sendall(data)
            while piece := connection.recv(65536):
                received += piece
        except TimeoutError:
            came = f"only {bytes(received[:80])!r} came" if received else "nothing came"
            raise TimeoutError(
                f"{came}, and the server has not closed the connection within {timeout} s. "
                "It may wait for more of your request: an HTTP request ends in an empty line, \\r\\n\\r\\n."
            ) from None
        except ConnectionError:
            if not received:
                raise ConnectionError("the server broke the connection before it answered.") from None
    return bytes(received)


def connect(address, timeout=5):
    """Return an HTTPConnection that is connected to address. Raises what clients.tcp.connect raises."""
    connection = HTTPConnection(*address, timeout=timeout)
    connection.sock = tcp.connect(address, timeout)
    return connection


def request(connection, method, path, fields=None):
    """Send one request over a connection; return the Page."""
    asked = f"{method} {path}"
    body, headers = (urlencode(fields), FORM) if method == "POST" else (None, {})
    target = quote(path if path.startswith("/") else "/" + path, safe="/?&=%#;:@+,.~!$'()*")
    try:
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
    except TimeoutError:
        raise TimeoutError(
            f"no whole answer to {asked} within {connection.timeout} s. The server may be busy, or the work takes longer."
        ) from None
    except ConnectionError:
        raise ConnectionError(f"the server broke the connection before it answered {asked}.") from None
    except HTTPException as problem:
        raise ConnectionError(f"what came back for {asked} is not an answer in HTTP ({type(problem).__name__}).") from None
    return Page(response.status, response.reason, dict(response.getheaders()), text)


# ---------------------------------------------------------------- parsing a page


class Parsed(HTMLParser):
    """The links, the forms and the words of a page."""

    def __init__(self):
        super().__init__()
        self.links, self.forms, self.words, self.hidden = [], [], [], 0

    def handle_starttag(self, tag, attributes):
        found = {name: value or "" for name, value in attributes}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag == "form":
            self.forms.append(Form(found.get("action", ""), found.get("method", "get").upper(), {}))
        elif tag in ("input", "textarea") and self.forms and found.get("name"):
            self.forms[-1].fields[found["name"]] = found.get("value", "")
        elif tag in ("title", "style", "script"):
            self.hidden += 1

    def handle_endtag(self, tag):
        if tag in ("title", "style", "script"):
            self.hidden -= 1

    def handle_data(self, data):
        if self.hidden <= 0:
            self.words.append(data)


def parsed(text):
    parser = Parsed()
    parser.feed(text)
    parser.close()
    return parser


def main():
    """Fetch the page that the command line names, or submit the fields given after its path; print status, headers and text."""
    parser = tcp.arguments(__doc__)
    parser.add_argument("path", help="of the page, such as /")
    parser.add_argument("fields", nargs="*", metavar="FIELD=VALUE", help="submits a form with these fields")
    options = parser.parse_args()
    if wrong := [field for field in options.fields if "=" not in field]:
        parser.error(f"{wrong[0]!r} is not a field of a form. Write it like line=hello.")
    fields = dict(field.split("=", 1) for field in options.fields)
    try:
        address = tcp.address_of(options.address)
        page = submit(address, options.path, **fields) if fields else fetch(address, options.path)
    except (OSError, ValueError) as problem:
        sys.exit(str(problem))
    print(f"{page.head}\n\n{page.text}")


if __name__ == "__main__":
    main()
