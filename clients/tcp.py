"""A TCP client as you would write it: connect, send a line, read a line.

From a terminal:  python -m clients.tcp 127.0.0.1:6666 hello "sleep 1"
"""

import argparse
import socket
import struct
import sys

NO_LINGER = struct.pack("ii", 1, 0)  # SO_LINGER: on, for 0 seconds (socket(7))


def ask(address, *lines, timeout=5):
    """Send the lines to the TCP server at address, one at a time; return the list of answers."""
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
    """Send a last line, shut down the sending side, and read until the server closes the connection.

    Return what the client saw within `timeout` seconds: "the echo, and the end", "the echo, and no end" or "no echo".
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
    """Return a socket connected to address, a pair like ("127.0.0.1", 6666)."""
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
    """Return the address family of a socket that can reach this address: IPv6 or IPv4."""
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


def refused(address):
    """Return the error for a refused connection, in plain words."""
    host, port = address
    return ConnectionRefusedError(f"nobody listens at {host}:{port}. Is the server running, and is this its port?")


def reset_on_close(connection):
    """Make close() send a reset (RST) instead of an end (FIN), so that to its peer the client looks as if it had crashed."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)


def address_of(text):
    """Turn "127.0.0.1:6666", or "6666" alone, into ("127.0.0.1", 6666)."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal():
        raise ValueError(f"{text!r} is not an address. Write it like 127.0.0.1:6666, or 6666 alone.")
    return host.strip("[]") or "127.0.0.1", int(port)


def arguments(description):
    """Return a parser for a client's command line, whose first argument is the server's address."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="the server's, such as 127.0.0.1:6666, or 6666 alone")
    return parser


def main(ask=ask, description=__doc__):
    """Send the lines given on the command line, and print the answers."""
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
