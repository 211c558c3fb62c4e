"""A model's command line: its options, "is ready", Ctrl-C, and errors in plain words.

    if __name__ == "__main__":
        main.run(serve, main.parser(__doc__))

`parser` gives an ordinary argparse parser, to which a model adds options of its own.
"""

import argparse
import errno
import socket
import sys
from collections.abc import Callable

BACKLOG = 128  # connections that may wait to be accepted, unless --backlog says otherwise


def parser(description: str) -> argparse.ArgumentParser:
    """Return an argparse parser with the options that every model takes."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to bind (127.0.0.1)")
    add("--port", type=number(0, 65_535), default=0, help="port to bind (0: the kernel picks one)")
    add("--backlog", type=number(0), default=BACKLOG, help=f"size of the accept queue ({BACKLOG})")
    return parser


def number(least: int, most: int = 2**31 - 1) -> Callable[[str], int]:
    """Return the type of an option that takes a whole number in this range (that of a C int)."""

    def checked(text):
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(
                f"{text} is not a whole number from {least} to {most}"
            )
        return int(text)

    return checked


def run(serve: Callable[[argparse.Namespace], None], parser: argparse.ArgumentParser) -> None:
    """Parse the command line, then serve(options) until Ctrl-C.

    An address that cannot be bound ends the program in plain words; any other error is raised.
    """
    options = parser.parse_args()
    try:
        serve(options)
    except KeyboardInterrupt:
        print("ended by Ctrl-C")
    except OSError as error:
        if error.errno not in CANNOT_BIND or error.filename:
            raise
        sys.exit(f"Cannot listen there ({error.strerror}): {CANNOT_BIND[error.errno]}.")


def announce(sock: socket.socket) -> None:
    """Say where the server is, once clients can connect."""
    print("%s:%d is ready; Ctrl-C ends it" % sock.getsockname()[:2], flush=True)


def require(condition: object, what: str) -> None:
    """End the program, in plain words, on a system that lacks what the model needs."""
    if not condition:
        sys.exit(f"This model needs {what}")


CANNOT_BIND = {  # bind(2), getaddrinfo(3)
    errno.EADDRINUSE: "another program uses this port, or used it a moment ago. "
    "End that program, wait, or take another port (0: the kernel picks one)",
    errno.EADDRNOTAVAIL: "no network interface of this machine has this address. Take 127.0.0.1",
    errno.EACCES: "only the administrator may take a port below 1024. Take a higher one",
    socket.EAI_NONAME: "there is no such host. Take 127.0.0.1",
}
