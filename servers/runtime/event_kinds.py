"""The kinds of events, as numbers in a record and as words in an Event."""

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
)
BIND, LISTEN, CONNECT, ACCEPT, RECEIVE, SEND, SHUTDOWN, CLOSE, FORK, THREAD_START, THREAD_END, EXIT, REAP, WAIT = range(
    len(NAMES)
)
UNKNOWN = -1_000  # the exit status of a process that could not say it, or does not know it
