# Misconception: a page is text, and text can be sent.
# Fails: shows a form
# Told: write() argument must be a bytes instance
import html
from socketserver import ThreadingMixIn
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIServer, make_server

FORM = '<form method="post" action="shout"><label>Word: <input name="word"></label><button>Shout</button></form>'


def site(environ, start_response):
    status, page = "404 Not Found", "<p>There is no such page.</p>"
    match environ["REQUEST_METHOD"], environ["PATH_INFO"]:
        case "GET", "/":
            status, page = "200 OK", FORM
        case "POST", "/shout":
            length = int(environ["CONTENT_LENGTH"] or 0)
            fields = parse_qs(environ["wsgi.input"].read(length).decode())
            word = fields.get("word", [""])[0]
            status, page = "200 OK", f"<p>{html.escape(word.upper())}</p>"
    start_response(status, [("Content-Type", "text/html; charset=utf-8")])
    return [page]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


make_server("127.0.0.1", 0, site, server_class=Server).serve_forever()
