"""An FTP server: files up and down (RFC 959) with pyftpdlib, on the model of tcp_select.

What changes  against tcp_select: a client has two connections. It sends commands on the first; each
              file, and each listing, gets a second one, opened by the server (active mode) or by
              the client (passive mode), which ends with the file
It buys       commands get through during a transfer; the file is sent as it is, without framing
It costs      a port per file; passwords and files cross the network for anyone to read
Break it      leave in the middle of an upload: the end of the connection is the end of the file, so
              half a file looks like a whole one

Without --folder the server creates a folder for this run. The password is the environment variable
FTP_PASSWORD, or made up for this run: every user of the machine can read a command line (ps). The
server prints both when it starts.
"""

import logging
import os
import secrets
import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS, FilesystemError
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.ioloop import Select
from pyftpdlib.servers import FTPServer

from servers import folder, main, sockets

# enter, list, read, append, delete, rename (f), make a folder, write, set a file's time; no chmod
PERMISSIONS = "elradfmwT"


class Folder(AbstractedFS):
    def validpath(self, path):
        """Refuse a null byte, which the library does not expect; it checks links by itself."""
        return "\0" not in path and super().validpath(path)

    def open(self, filename, mode):
        """Open a file, but no named pipe or device: the one loop would block on it forever."""
        if os.path.exists(filename) and not (os.path.isfile(filename) or os.path.isdir(filename)):
            raise FilesystemError("Not a regular file")
        return super().open(filename, mode)


class Session(FTPHandler):
    """A client's first connection. Safety depends on these settings, so defaults are explicit."""

    abstracted_fs = Folder
    banner = "ready."
    permit_foreign_addresses = False  # data goes to the client itself only (FTP bounce, RFC 2577)
    permit_privileged_ports = False  # nor to one of its ports below 1024
    max_login_attempts = 3
    auth_failed_timeout = 1  # seconds until a wrong password is answered: slows guessing
    timeout = 300  # seconds without a command
    use_sendfile = False  # sendfile(2) would bypass the sockets' methods, which are watched

    def ftp_STOU(self, line):
        """Check the path: the library checks that of every other command, but not this one."""
        path = self.fs.ftp2fs(line or self.fs.cwd)
        place = os.path.dirname(path) if line else path
        if not (self.fs.validpath(path) and self.fs.validpath(place)):
            self.respond("550 The path points outside the user's root directory.")
            return None
        return super().ftp_STOU(line)


def serve(options):
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    listener = sockets.tcp_listener(options)
    descriptors = sockets.allow_descriptors(1024)  # see tcp_select
    password = os.environ.get("FTP_PASSWORD") or secrets.token_hex(8)
    with (
        FTPServer(listener, Session, Select(), options.backlog) as server,
        folder.kept_in(options.folder, "ftp-") as place,
    ):
        # In connections; there are at most half as many open files. A client beyond it gets 421.
        server.max_cons = descriptors * 5 // 8
        Session.authorizer = DummyAuthorizer()
        Session.authorizer.add_user(options.user, password, str(place), perm=PERMISSIONS)
        main.announce(server.socket)
        print(f"folder: {place}\nuser: {options.user}\npassword: {password}", flush=True)
        server.serve_forever(handle_exit=False)


parser = main.parser(__doc__)
parser.add_argument("--folder", help="folder to serve (a new one, removed when the server ends)")
parser.add_argument("--user", default="learner", help="who may log in (learner)")

if __name__ == "__main__":
    main.run(serve, parser)
