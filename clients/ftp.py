"""An FTP client as you would write it: log in, bring a file up, fetch it down, list the folder.

From a terminal:  python -m clients.ftp 127.0.0.1:2121 learner list
                  python -m clients.ftp 127.0.0.1:2121 learner upload notes.txt
                  python -m clients.ftp 127.0.0.1:2121 learner download notes.txt

It asks for the password, or reads a line of standard input: every user of a machine can read its command lines (ps).
"""

import contextlib
import ftplib
import getpass
import io
import sys
from pathlib import Path
from typing import NamedTuple

from clients.log import said
from clients.tcp import address_of, arguments, refused


class Account(NamedTuple):
    """Where to log in, and as whom."""

    address: tuple
    user: str
    password: str


class File(NamedTuple):
    """A line of a listing; a folder has no size."""

    name: str
    size: int | None


def account(server):
    """The account of a running FTP server of this course: it prints user and password when it starts."""
    return Account(server.address, said(server, "user"), said(server, "password"))


def upload(account, name, content, timeout=5):
    """Store `content` (bytes, or a Path: that file's) in the server's folder as `name`. A file of that name is replaced."""
    source = content.open("rb") if isinstance(content, Path) else io.BytesIO(content)
    with source, session(account, timeout) as ftp:
        ftp.storbinary(f"STOR {name}", source)


def download(account, name, timeout=5):
    """Return the bytes of the file `name`. Raises FileNotFoundError."""
    pieces = []
    with session(account, timeout) as ftp:
        ftp.retrbinary(f"RETR {name}", pieces.append)
    return b"".join(pieces)


def listing(account, timeout=5):
    """What is in the server's folder: a list of File, by name."""
    with session(account, timeout) as ftp:
        found = ftp.mlsd()  # MLSD, RFC 3659: a listing for programs; LIST is one for people, different on each server
        return sorted(File(name, int(facts["size"]) if facts["type"] == "file" else None) for name, facts in found)


@contextlib.contextmanager
def session(account, timeout=5):
    """An ftplib.FTP that is logged in; what goes wrong with it is said in plain words."""
    (host, port), user, password = account
    try:
        with ftplib.FTP(timeout=timeout) as ftp:
            ftp.connect(host, port)
            ftp.login(user, password)
            yield ftp
    except ConnectionRefusedError:
        raise refused((host, port)) from None
    except TimeoutError:
        raise TimeoutError(f"the server at {host}:{port} did not answer within {timeout} s.") from None
    except (EOFError, ConnectionError):
        raise ConnectionError(f"the server at {host}:{port} broke the connection before it was done.") from None
    except ftplib.error_perm as problem:
        answer = str(problem)
        if answer.startswith("530"):
            raise PermissionError(f"the server does not let {user!r} in: {answer}") from None
        if "no such" in answer.lower():
            raise FileNotFoundError(f"the server has no such file: {answer}") from None
        raise PermissionError(f"the server refuses: {answer}") from None
    except ftplib.Error as problem:
        raise ConnectionError(f"the server could not do it: {problem}") from None


def main():
    """Do what the command line says: list the folder, or bring one file up or down."""
    parser = arguments(__doc__)
    parser.add_argument("user")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="what is in the server's folder")
    for command, does in ("upload", "store this file on the server"), ("download", "fetch this file into the folder you are in"):
        commands.add_parser(command, help=does).add_argument("name", metavar="FILE")
    options = parser.parse_args()
    try:
        address = address_of(options.address)
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        who = Account(address, options.user, password)
        if options.command == "list":
            for file in listing(who):
                print(f"{'folder' if file.size is None else file.size:>10}  {file.name}")
        elif options.command == "upload":
            upload(who, Path(options.name).name, Path(options.name))
        else:
            Path(Path(options.name).name).write_bytes(download(who, options.name))
    except (OSError, ValueError) as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
