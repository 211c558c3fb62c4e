"""A UDP client as you would write it: no connection, one datagram out, one datagram back.

From a terminal:  python -m clients.udp 127.0.0.1:6666 hello "sleep 1"
"""

import socket

from clients.tcp import family_of, main, refused

LARGEST = 65535  # no datagram is longer; a shorter buffer would cut its end off


def ask(address, *lines, timeout=5):
    """Send each line in a datagram to the UDP server at address; return the list of answers."""
    answers = []
    with socket.socket(family_of(address), socket.SOCK_DGRAM) as mailbox:
        mailbox.settimeout(timeout)
        mailbox.connect(address)  # sends nothing: now only this server's datagrams arrive, and "refused" is reported
        for line in lines:
            try:
                mailbox.send(line.encode() + b"\n")
                answer = mailbox.recv(LARGEST)
            except ConnectionRefusedError:
                raise refused(address) from None
            except TimeoutError:
                raise TimeoutError(
                    f"no answer to {line!r} within {timeout} s. "
                    "The question or its answer may be lost, and UDP will not send it again; "
                    "or the server is busy."
                ) from None
            answers.append(answer.decode(errors="replace").removesuffix("\n"))
    return answers


if __name__ == "__main__":
    main(ask, __doc__)
