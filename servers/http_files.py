"""HTTP server: the files of one folder, through http.server, which is a socketserver; a thread per request.

What changes  against ThreadingTCPServer: the protocol is HTTP (RFC 9112), the handler is the library's, the logic is "find that file"
It buys       every browser is a client; status codes and headers say how it went and what comes
It costs      http.server is "not recommended for production" (its own documentation): basic checks, no time-outs, no TLS, a
              connection per request (HTTP/1.0)
Break it      ask for /../app.py or for a symbolic link that leads out of the folder; take --server HTTPServer, and let a first
              client connect and be silent
"""

import os
from http.server import HTTPServer, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from servers import app

PUBLIC = Path(__file__).parent / "public"
SERVERS = {server.__name__: server for server in (ThreadingHTTPServer, HTTPServer)}


class Handler(app.Farewell, SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".html": "text/html; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
    }

    def send_head(self):
        """The library keeps ".." from climbing out of the folder, but it follows a symbolic link wherever it leads."""
        path = self.translate_path(self.path)
        for opened in path, os.path.join(path, "index.html"), os.path.join(path, "index.htm"):
            if not lies_in(self.directory, opened):
                return self.send_error(404, "File not found")
        return super().send_head()

    def version_string(self):
        return "http_files"  # the library would tell everybody the exact version of Python


def lies_in(folder, path):
    folder = os.path.realpath(folder)
    try:
        return os.path.commonpath([os.path.realpath(path), folder]) == folder
    except ValueError:  # a path with a zero byte in it
        return False


def serve(options):
    server_class = SERVERS[options.server]
    server_class.request_queue_size = options.backlog
    app.allow_descriptors()

    def handler(*arguments):
        return Handler(*arguments, directory=options.folder)

    with server_class((options.host, options.port), handler) as server:
        app.announce(server.socket)
        server.serve_forever()


if __name__ == "__main__":
    parser = app.arguments(__doc__)
    parser.add_argument("--folder", default=PUBLIC, help="the folder to serve (servers/public)")
    parser.add_argument("--server", choices=SERVERS, default=next(iter(SERVERS)))
    options = parser.parse_args()
    app.need(os.path.isdir(options.folder), f"a folder to serve: there is none at {options.folder}")
    app.until_interrupted(serve, options)
