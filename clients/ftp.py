"""An FTP client as you would write it: log in, upload a file, download it, list the folder.

From a terminal:  python -m clients.ftp 127.0.0.1:2121 learner list
                  python -m clients.ftp 127.0.0.1:2121 learner upload notes.txt
                  python -m clients.ftp 127.0.0.1:2121 learner download notes.txt

It asks for the password, or reads it from standard input. A password on the command line would be visible to every user (ps).
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
    """Where to log in, and as which user."""

    address: tuple
    user: str
    password: str


class File(NamedTuple):
    """One entry of a listing; the size of a folder is None."""

    name: str
    size: int | None


def account(server):
    """Return the account of a running FTP server of this course, which prints user and password when it starts."""
    return Account(server.address, said(server, "user"), said(server, "password"))


def upload(account, name, content, timeout=5):
    """Store `content` (bytes, or the Path of a file) in the server's folder as `name`, replacing any file of that name."""
    source = content.open("rb") if isinstance(content, Path) else io.BytesIO(content)
    with source, session(account, timeout) as ftp:
        ftp.storbinary(f"STOR {name}", source)


def download(account, name, timeout=5):
    """Return the bytes of the file `name`. Raise FileNotFoundError if the server has no such file."""
    pieces = []
    with session(account, timeout) as ftp:
        ftp.retrbinary(f"RETR {name}", pieces.append)
    return b"".join(pieces)


def listing(account, timeout=5):
    """Return the entries of the server's folder: a list of File, sorted by name."""
    with session(account, timeout) as ftp:
        found = ftp.mlsd()  # MLSD (RFC 3659) is a listing for programs; LIST is for people, and differs from server to server
        return sorted(File(name, int(facts["size"]) if facts["type"] == "file" else None) for name, facts in found)


@contextlib.contextmanager
def session(account, timeout=5):
    """Yield an ftplib.FTP that is logged in; turn its errors into plain words."""
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
            raise PermissionError(f"the server refused the login of {user!r}: {answer}") from None
        if "no such" in answer.lower():
            raise FileNotFoundError(f"the server has no such file: {answer}") from None
        raise PermissionError(f"the server refused the request: {answer}") from None
    except ftplib.Error as problem:
        raise ConnectionError(f"the server could not complete the request: {problem}") from None


def main():
    """Do what the command line asks: list the folder, or upload or download one file."""
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
