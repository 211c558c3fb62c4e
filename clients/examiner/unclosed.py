"""Why a connection stays open, judged by the calls that closed the others."""

from clients.examiner import diagnosis
from clients.examiner.requirements import UNKNOWN, Diagnosis

PARENT_KEEPS_IT = Diagnosis(
    "the parent never closes its copy of the connection: after a fork, parent and child have one each",
    (
        "After a fork two processes hold the connection. Which of them needs it?",
        "The parent closes its copy right after the fork; the client sees the end when the child has closed the other.",
    ),
    ("02",),
)
GOES_ON_AS_PARENT = Diagnosis(
    "a child does not end when its client has left: it continues into its parent's loop, and accepts clients as well",
    (
        "What does the child do after its client's conversation? Follow the loop.",
        "Call os._exit(0) at the end of the child's branch, on every way out (finally).",
    ),
    ("02",),
)
SHUTDOWN_IS_NOT_CLOSE = Diagnosis(
    "shutdown() ends the conversation, but only close() gives the descriptor back",
    ("What does shutdown() do, and what does it leave?", "Call close() after it; `with connection:` does that on every way out."),
    ("02",),
)
FILES_STAY = Diagnosis(
    "something opened for a client besides its connection stays open after it has left: a file, a pipe, a selector",
    (
        "What does your server open for each client, beside the connection? ls -l /proc/PID/fd shows what stays.",
        "`with open(...)` closes on every way out; a selector has close(), too. A list or a dictionary keeps alive what is in it.",
    ),
    ("04", "13"),
)
KEPT_AT_A_RESET = Diagnosis(
    "connections that broke off are never closed: the error leaves the conversation before close() is reached",
    (
        "What does recv() raise when the client has broken off, and which lines are skipped then?",
        "`with connection:` closes it on every way out, and so does close() in finally.",
    ),
    ("02", "06"),
)


def goes_on_as_parent(events):
    """Return whether a process that has served a client accepted by another process accepts clients, too."""
    accepted = {(event.peer, event.pid) for event in events if event.kind == "accept" and event.peer}
    accepting = {event.pid for event in events if event.kind == "accept"}
    taken = {peer for peer, _ in accepted}
    served = {(event.peer, event.pid) for event in events if event.kind in ("receive", "send") and event.peer in taken}
    return any(pid in accepting for _, pid in served - accepted)


def who_keeps(server):
    """Return why connections stay open, judged by the calls that closed the others."""
    events = diagnosis.events_of(server)
    if goes_on_as_parent(events):
        return GOES_ON_AS_PARENT
    calls = {}
    for event in events:
        if event.peer:
            calls.setdefault(event.peer, set()).add((event.kind, event.pid))
    accepted = [(peer, pid) for peer, made in calls.items() for kind, pid in made if kind == "accept"]
    forked = any(event.kind == "fork" and event.pid in {pid for _, pid in accepted} for event in events)
    if forked and not any(("close", pid) in calls[peer] for peer, pid in accepted):
        return PARENT_KEEPS_IT
    kept = {peer for peer, made in calls.items() if "close" not in {kind for kind, _ in made}}
    broken = {event.peer for event in events if event.detail in diagnosis.BROKEN}
    if kept and kept <= broken:
        return KEPT_AT_A_RESET
    return SHUTDOWN_IS_NOT_CLOSE if kept and any(event.kind == "shutdown" for event in events) else UNKNOWN
