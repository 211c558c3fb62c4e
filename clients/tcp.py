"""A TCP client as you would write it: connect, send a line, read a line.

From a terminal:  python -m clients.tcp 127.0.0.1:6666 hello "sleep 1"
"""

import socket
import sys


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
        raise ConnectionRefusedError(f"nobody listens at {host}:{port}. Is the server running, and is this its port?") from None
    except TimeoutError:
        raise TimeoutError(
            f"no connection to {host}:{port} within {timeout} s. The queue in front of the server may be full."
        ) from None


def address_of(text):
    """Turn "127.0.0.1:6666", or "6666" alone, into ("127.0.0.1", 6666)."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal():
        raise ValueError(f"{text!r} is no address. Write it like 127.0.0.1:6666, or 6666 alone.")
    return host or "127.0.0.1", int(port)


def main(ask=ask, usage="python -m clients.tcp 127.0.0.1:6666 LINE..."):
    """Ask what the command line says, and print the answers."""
    if len(sys.argv) < 3:
        sys.exit(f"usage: {usage}")
    try:
        for answer in ask(address_of(sys.argv[1]), *sys.argv[2:]):
            print(answer)
    except (OSError, ValueError) as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
