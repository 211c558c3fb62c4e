"""Python runs this before the server, when the examiner wants a timeout to be over soon: in a tenth of its time, or as much
sooner as SHORTER says in the environment. It may be one of a socket, a selector, asyncio, or a threading.Timer.

Who sets one for connecting alone, and leaves it on the connection, seems right until somebody is silent for longer.
The clock is left alone: who compares times wakes up early, looks, and waits on.
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
    """The argument at this place, or called timeout, is in seconds. None stands for no timeout."""
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
shorten(threading.Event, "wait", 1)

at = asyncio.BaseEventLoop.call_at  # wait_for(), timeout(), sleep() and call_later() come to it


def sooner(self, when, *arguments, **named):
    now = self.time()
    return at(self, now + max(0, when - now) / SHORTER, *arguments, **named)


asyncio.BaseEventLoop.call_at = sooner  # type: ignore[assignment,method-assign]
