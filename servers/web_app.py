"""Web server Web 应用服务器: a page with a form, and behind it the application of all models.

What changes  against ThreadingTCPServer: browser/server architecture B/S 架构. The line comes
              in a form over HTTP, the answer goes out in a page; `site` is a WSGI application (PEP
              3333), which any WSGI server can run, here wsgiref; a thread per connection
It buys       no client program to install: every browser is one, and a new version needs only a
              new server
It costs      hundreds of bytes around each line, a connection and a thread per request, and no
              conversation: the server forgets you once the page is sent. wsgiref has no TLS
Break it      send a form without Content-Length, or one that claims a gigabyte; send
              <script>alert(1)</script> as your line
"""

import html
import socketserver
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from servers import app, main, sockets

FORM_LIMIT = 4 * app.LINE_LIMIT  # bytes: in a form, one byte of the line may take three (%E4)

# Every URL in it is relative, so that the page also works behind a prefix, such as a JupyterHub's
# /user/ann/proxy/8000/.
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>One application, in a browser</title>
<h1>One application, in a browser</h1>
<form method="post" action="answer">
<label>Your line: <input name="line" value="{line}" size="40"></label>
<button>Send</button>
</form>
{below}
</html>
"""


class Problem(Exception):
    """A request that cannot be answered; holds the status and the text for the client."""


def site(environ, start_response):
    """The WSGI application, called once per request: environ holds it, and the page is returned."""
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Server", "web_app"),
        ("Cache-Control", "no-store"),
    ]
    try:
        status, page = "200 OK", page_for(environ)
    except Problem as problem:
        status, text, *more = problem.args
        headers += more
        page = filled("hello", f"<p>{status}: {html.escape(text)}</p>")
    body = page.encode()
    start_response(status, [*headers, ("Content-Length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def page_for(environ):
    """Return the page for a request: the form, or the answer to a submitted one. Raises Problem."""
    match environ["PATH_INFO"] or "/", environ["REQUEST_METHOD"]:
        case "/", "GET" | "HEAD":
            more = "<code>who</code>, <code>count</code> and <code>sleep 0.5</code>"
            return filled("hello", f"<p>Try also {more}.</p>")
        case "/answer", "POST":
            line = line_of(environ)
            answer = b"\n".join(map(app.answer, line.encode().split(b"\n"))).decode()
            shown = f"<output>{html.escape(answer)}</output>"
            return filled(line, f"<p>The server answers: {shown}</p>")
        case "/" | "/answer" as path, _:
            allowed = "GET, HEAD" if path == "/" else "POST"
            text = f"this address accepts {allowed}"
            raise Problem("405 Method Not Allowed", text, ("Allow", allowed))
    raise Problem("404 Not Found", "there is no such page here")


def line_of(environ):
    """Return the field `line` of the submitted form. Raises Problem."""
    length = environ["CONTENT_LENGTH"]
    if not length:
        raise Problem("411 Length Required", "a form needs a Content-Length: its bytes")
    if not (length.isascii() and length.isdecimal()):
        raise Problem("400 Bad Request", "Content-Length is not a number")
    if len(length) > 9 or int(length) > FORM_LIMIT:
        raise Problem("413 Content Too Large", f"a form may have {FORM_LIMIT} bytes")
    try:
        form = environ["wsgi.input"].read(int(length))
    except TimeoutError:
        raise Problem("408 Request Timeout", "the form did not arrive in time") from None
    if len(form) < int(length):
        raise Problem("400 Bad Request", "the form is shorter than its Content-Length")
    lines = parse_qs(form.decode(errors="replace"), keep_blank_values=True).get("line")
    if not lines:
        raise Problem("400 Bad Request", "the form has no field called line")
    if len(lines[0].encode()) > app.LINE_LIMIT:
        raise Problem("413 Content Too Large", f"a line may have {app.LINE_LIMIT} bytes")
    return lines[0]


def filled(line, below):
    """Return the page with a line in its field. User input is escaped: it is text, never HTML."""
    return PAGE.format(line=html.escape(line), below=below)


class Handler(sockets.LingeringClose, sockets.RequestInTime, WSGIRequestHandler):
    timeout = 30  # seconds in which a request must arrive; the library's default is None
    wbufsize = -1  # headers and page go out together, not in five small pieces


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True  # Ctrl-C does not wait for clients


def serve(options):
    sockets.allow_descriptors()
    Server.request_queue_size = options.backlog
    with Server((options.host, options.port), Handler) as server:
        server.set_app(site)
        main.announce(server.socket)
        server.serve_forever()


if __name__ == "__main__":
    main.run(serve, main.parser(__doc__))
