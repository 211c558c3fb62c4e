"""A TCP client as you would write it: connect, send a line, read a line.

From a terminal:  python -m clients.tcp 127.0.0.1:6666 hello "sleep 1"
"""

import argparse
import socket
import struct
import sys

NO_LINGER = struct.pack("ii", 1, 0)  # SO_LINGER: on, for 0 seconds (socket(7))


def ask(address, *lines, timeout=5):
    """Send the lines to the TCP server at address, one at a time; return its answers."""
    answers = []
    with connect(address, timeout) as connection:
        incoming = connection.makefile("rb")  # TCP is a stream: readline() finds the end of a line
        for line in lines:
            try:
                connection.sendall(line.encode() + b"\n")
                answer = incoming.readline()
            except TimeoutError:
                raise TimeoutError(
                    f"no answer to {line!r} within {timeout} s. "
                    "The server may be busy with another client, or the work may take longer."
                ) from None
            except ConnectionError:
                raise ConnectionError(f"the server broke the connection before it answered {line!r}.") from None
            if not answer:
                raise ConnectionError(f"the server closed the connection before it answered {line!r}.")
            answers.append(answer.decode(errors="replace").rstrip("\r\n"))
    return answers


def goodbye(address, timeout=5):
    """Send a last line, say that nothing more will come (shutdown), and read until the server ends the connection.

    Returns what the client saw within `timeout` seconds: "the echo, and the end", "the echo, and no end" or "no echo".
    """
    with connect(address, timeout) as connection:
        incoming = connection.makefile("rb")
        connection.sendall(b"goodbye\n")
        connection.shutdown(socket.SHUT_WR)
        try:
            if incoming.readline() != b"goodbye\n":
                return "no echo"
            incoming.read()
            return "the echo, and the end"
        except TimeoutError:
            return "the echo, and no end"


def connect(address, timeout=5):
    """Return a socket that is connected to address, a pair like ("127.0.0.1", 6666)."""
    host, port = address
    try:
        return socket.create_connection(address, timeout)
    except ConnectionRefusedError:
        raise refused(address) from None
    except TimeoutError:
        raise TimeoutError(
            f"no connection to {host}:{port} within {timeout} s. The queue in front of the server may be full."
        ) from None


def family_of(address):
    """Which kind of socket reaches this address: that of an IPv6 address is another than that of 127.0.0.1."""
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


def refused(address):
    """The error of a client whose connection was refused, in words for a person."""
    host, port = address
    return ConnectionRefusedError(f"nobody listens at {host}:{port}. Is the server running, and is this its port?")


def reset_on_close(connection):
    """From now on close() sends a reset (RST) instead of an end (FIN): what a crashed client looks like to its peer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)


def address_of(text):
    """Turn "127.0.0.1:6666", or "6666" alone, into ("127.0.0.1", 6666)."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal():
        raise ValueError(f"{text!r} is not an address. Write it like 127.0.0.1:6666, or 6666 alone.")
    return host.strip("[]") or "127.0.0.1", int(port)


def arguments(description):
    """A parser of a client's command line, whose first argument is the server's address."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="the server's, such as 127.0.0.1:6666, or 6666 alone")
    return parser


def main(ask=ask, description=__doc__):
    """Ask what the command line says, and print the answers."""
    parser = arguments(description)
    parser.add_argument("lines", nargs="+", metavar="LINE", help="what to ask, one line after another")
    options = parser.parse_args()
    try:
        for answer in ask(address_of(options.address), *options.lines):
            print(answer)
    except (OSError, ValueError) as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
