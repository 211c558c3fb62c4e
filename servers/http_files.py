"""HTTP server: the files of one folder, through http.server, which is a socketserver.

What changes  against ThreadingTCPServer: the protocol is HTTP (RFC 9112), the handler is the
              library's, the logic is "find that file"; a thread per connection
It buys       every browser is a client; status codes and headers describe what it gets
It costs      http.server is "not recommended for production" (its own documentation): basic
              security checks, no TLS, a connection per request (HTTP/1.0)
Break it      ask for /../app.py or for a symbolic link that leads out of the folder; take --server
              HTTPServer, connect one client and let it stay silent
"""

import os
from http.server import HTTPServer, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from servers import main, sockets

PUBLIC = Path(__file__).parent / "public"
SERVERS = {"ThreadingHTTPServer": ThreadingHTTPServer, "HTTPServer": HTTPServer}


class Handler(sockets.LingeringClose, sockets.RequestInTime, SimpleHTTPRequestHandler):
    timeout = 30  # seconds in which a request must arrive; the library's default is None
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".html": "text/html; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
    }

    def send_head(self):
        """Refuse links out of the folder, and named pipes: the library itself only stops ".."."""
        path = self.translate_path(self.path)
        for opened in path, os.path.join(path, "index.html"), os.path.join(path, "index.htm"):
            if not lies_in(self.directory, opened) or is_special(opened):
                return self.send_error(404, "File not found")
        return super().send_head()

    def version_string(self):
        return "http_files"  # the library would reveal the exact version of Python


def lies_in(folder, path):
    """Return True if the path, with all its links followed, is inside the folder."""
    folder = os.path.realpath(folder)
    try:
        return os.path.commonpath([os.path.realpath(path), folder]) == folder
    except ValueError:  # a path with a null byte in it
        return False


def is_special(path):
    """Return True for a named pipe (open() would wait for a writer), a device, or a socket."""
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def serve(options):
    main.require(
        os.path.isdir(options.folder), f"a folder to serve: there is none at {options.folder}"
    )
    sockets.allow_descriptors()
    server_class = SERVERS[options.server]
    server_class.request_queue_size = options.backlog

    def handler(*arguments):
        return Handler(*arguments, directory=options.folder)

    with server_class((options.host, options.port), handler) as server:
        main.announce(server.socket)
        server.serve_forever()


parser = main.parser(__doc__)
parser.add_argument("--folder", default=PUBLIC, help="the folder to serve (servers/public)")
parser.add_argument("--server", choices=SERVERS, default="ThreadingHTTPServer")

if __name__ == "__main__":
    main.run(serve, parser)
