"""A model's command line: its options, its "is ready" message, and Ctrl-C.

    if __name__ == "__main__":
        main.run(serve, main.parser(__doc__))

`parser` returns an ordinary argparse parser, to which a model can add its own options.
"""

import argparse
import socket
import sys
from collections.abc import Callable

from servers import cannot_bind
from servers.sockets import BACKLOG


def parser(description: str) -> argparse.ArgumentParser:
    """Return an argparse parser with the options that all models share."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to bind (127.0.0.1)")
    add("--port", type=number(0, 65_535), default=0, help="port to bind (0: the kernel picks one)")
    add("--backlog", type=number(0), default=BACKLOG, help=f"size of the accept queue ({BACKLOG})")
    return parser


def number(least: int, most: int = 2**31 - 1) -> Callable[[str], int]:
    """Return an argparse type: a whole number in this range, by default up to the largest C int."""

    def checked(text):
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(
                f"{text} is not a whole number from {least} to {most}"
            )
        return int(text)

    return checked


def run(serve: Callable[[argparse.Namespace], None], parser: argparse.ArgumentParser) -> None:
    """Parse the command line, then call serve(options), which runs until Ctrl-C.

    If the address cannot be bound, exit with a plain explanation; any other error is raised.
    """
    options = parser.parse_args()
    try:
        serve(options)
    except KeyboardInterrupt:
        print("ended by Ctrl-C")
    except OSError as error:
        if words := cannot_bind.in_words(error):
            sys.exit(words)
        raise


def announce(sock: socket.socket) -> None:
    """Print the server's address; call this once clients can connect."""
    print("%s:%d is ready; Ctrl-C ends it" % sock.getsockname()[:2], flush=True)


def require(condition: object, what: str) -> None:
    """Exit with a plain message if the system lacks what the model needs."""
    if not condition:
        sys.exit(f"This model needs {what}")
