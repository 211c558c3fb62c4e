"""Python runs this before the server, to make timeouts ten times shorter, or by the factor SHORTER in the environment.
It affects timeouts of sockets, selectors, asyncio, and threading.Timer.

A server that sets a timeout only for connecting, and leaves it on the connection, seems right until a client is silent for longer.
The clock is left alone: code that compares times wakes up early, checks, and waits again.
"""

import asyncio
import functools
import os
import select
import selectors
import socket
import threading

SHORTER = float(os.environ.pop("SHORTER", 10))


def shorten(owner, name, place):
    """Divide the argument at this place, or the one named timeout, by SHORTER; None means no timeout, and stays."""
    in_full = getattr(owner, name)

    @functools.wraps(in_full)
    def shorter(*arguments, **named):
        arguments = [part / SHORTER if number == place and part else part for number, part in enumerate(arguments)]
        if named.get("timeout"):
            named["timeout"] /= SHORTER
        return in_full(*arguments, **named)

    setattr(owner, name, shorter)


shorten(socket.socket, "settimeout", 1)
shorten(socket, "setdefaulttimeout", 0)
shorten(select, "select", 3)
for name in ("SelectSelector", "PollSelector", "EpollSelector", "KqueueSelector"):
    if hasattr(selectors, name):
        shorten(getattr(selectors, name), "select", 1)
shorten(threading.Timer, "__init__", 1)

at = asyncio.BaseEventLoop.call_at  # wait_for(), timeout(), sleep() and call_later() all end up here


def sooner(self, when, *arguments, **named):
    now = self.time()
    return at(self, now + max(0, when - now) / SHORTER, *arguments, **named)


asyncio.BaseEventLoop.call_at = sooner  # type: ignore[assignment,method-assign]
