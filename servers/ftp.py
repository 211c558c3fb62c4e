"""An FTP server: files up and down (RFC 959) with pyftpdlib, on the model of tcp_select.

What changes  against tcp_select: a client has two connections. On the first it gives commands; each file, and each listing, gets
              a second one, which client or server opens (active or passive mode), and which ends with the file
It buys       commands get through while a file is on its way; the file itself is sent as it is, without any framing
It costs      a port for each file; passwords and files cross the network for everybody to read
Break it      leave in the middle of an upload: the end of the connection is the end of the file, so half a file looks like a whole one

Without --folder and --password both are made for this run; the server's first words say what they are.
"""

import logging
import secrets
import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.ioloop import Select
from pyftpdlib.servers import FTPServer

from servers import app, folder

MAY = "elradfmwT"  # enter, list, read, append, delete, rename (f), make a folder, write, set a file's time; not: change its mode


class Folder(AbstractedFS):
    def validpath(self, path):
        """The library resolves the path, symbolic links too, and looks whether it is still inside; a zero byte it does not expect."""
        return "\0" not in path and super().validpath(path)


class Visit(FTPHandler):
    """One client's first connection. What pyftpdlib refuses by itself stands here too, since the server's safety hangs on it."""

    abstracted_fs = Folder
    banner = "ready."
    permit_foreign_addresses = False  # a data connection goes to the client itself, and to nobody else (FTP bounce, RFC 2577)
    permit_privileged_ports = False  # nor to one of its ports below 1024
    max_login_attempts = 3
    auth_failed_timeout = 1  # seconds until a wrong password is told: who tries many has to wait for each
    timeout = 300  # seconds without a command
    use_sendfile = False  # sendfile(2) goes past the sockets' methods, and so past what watches them


def serve(options):
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    listener = app.tcp_listener(options)
    descriptors = app.allow_descriptors(1024)  # see tcp_select
    password = options.password or secrets.token_hex(8)
    with (
        FTPServer(listener, Visit, Select(), options.backlog) as server,
        folder.kept_in(options.folder, "ftp-") as place,
    ):
        server.max_cons = descriptors * 5 // 8  # sockets; files are half as many at most. Who comes then is told 421
        Visit.authorizer = DummyAuthorizer()
        Visit.authorizer.add_user(options.user, password, str(place), perm=MAY)
        app.announce(server.socket)
        print(f"folder: {place}\nuser: {options.user}\npassword: {password}", flush=True)
        server.serve_forever(handle_exit=False)


if __name__ == "__main__":
    parser = app.arguments(__doc__)
    parser.add_argument("--folder", help="the folder to serve (a new one, which goes when the server ends)")
    parser.add_argument("--user", default="learner", help="who may log in (learner)")
    parser.add_argument("--password", help="a password (a new one for each start)")
    app.until_interrupted(serve, parser.parse_args())
