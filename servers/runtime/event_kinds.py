"""The kinds of events, as numbers in a record and as words in an Event.

A new kind also needs a function of the probe that records it, and to be shown, in clients/lab/timeline:
server_lanes and spans (what it is in a row), look (how it is drawn), transcript (how it is worded).
"""

NAMES = (
    "bind",
    "listen",
    "connect",
    "accept",
    "receive",
    "send",
    "shutdown",
    "close",
    "fork",
    "thread start",
    "thread end",
    "exit",
    "reap",
    "wait",
    "handshake",
    "pause",
    "exec",
)
BIND, LISTEN, CONNECT, ACCEPT, RECEIVE, SEND, SHUTDOWN = range(7)
CLOSE, FORK, THREAD_START, THREAD_END, EXIT, REAP, WAIT, HANDSHAKE, PAUSE, EXEC = range(7, 17)
BLOCKING = ACCEPT, RECEIVE, SEND, REAP, WAIT, HANDSHAKE, PAUSE  # calls in which a thread waits: these show while they are in progress
UNKNOWN = -1_000  # exit status of a process that could not report it, or does not know it
