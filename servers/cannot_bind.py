"""Why an address cannot be bound, in plain words."""

import errno
import socket

REASONS = {  # bind(2), getaddrinfo(3)
    errno.EADDRINUSE: "another program uses this port, or used it a moment ago. "
    "End that program, wait, or take another port (0: the kernel picks one)",
    errno.EADDRNOTAVAIL: "no network interface of this machine has this address. Take 127.0.0.1",
    errno.EACCES: "only the administrator may take a port below 1024. Take a higher one",
    socket.EAI_NONAME: "there is no such host. Take 127.0.0.1",
}


def in_words(error: OSError) -> str:
    """Return what happened, why, and what to do; "" for any other error."""
    if error.errno not in REASONS or error.filename:
        return ""
    return f"Cannot listen there ({error.strerror}): {REASONS[error.errno]}."
