# Misconception: the bytes of a form are the word.
# Fails: shouts
# Told: expected 'ÉTÉ' in the page, came 200: '%C3%A9T%C3%A9'
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
            word = environ["wsgi.input"].read(length).decode().removeprefix("word=")
            status, page = "200 OK", f"<p>{html.escape(word.upper())}</p>"
    start_response(status, [("Content-Type", "text/html; charset=utf-8")])
    return [page.encode()]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


make_server("127.0.0.1", 0, site, server_class=Server).serve_forever()
