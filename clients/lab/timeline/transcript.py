"""The transcript: what a server and its clients did, in plain words, lane by lane.

It has no pids, ports or times and keeps only the order within each lane, so that runs with the same course read the same.
"""

import signal
from collections.abc import Iterable
from operator import itemgetter

from clients.lab.lab_client import Record
from clients.lab.timeline.lanes import Lanes
from clients.lab.timeline.spans import MARK_KINDS
from servers.runtime.events import Event

MAX_RUN = 6  # longest sequence of steps that is printed once, with its number of repetitions

# The texts of a client's marks, without byte counts
CLIENT_STEPS = {
    kind: MARK_KINDS[kind].removesuffix(" ({detail} bytes)")
    for kind in ("connects", "accepted", "asks", "answered", "closes", "closed by server", "failed")
}
CLIENT_NOW = {"connecting": "is still connecting", "queued": "is still in the backlog", "waiting": "still waits for the answer"}

WAITS = {
    "accept": "waits for a client",
    "wait": "waits for any client",
    "receive": "waits for a client",
    "reap": "waits for a child to end",
}


class Transcript:
    """The transcript of a run; print it. `transcript.lanes` has the steps of each lane, `transcript["Ann"]` those of one."""

    def __init__(self, events: list[Event], records: list[Record], names: Iterable[str], kind: str, note: str = ""):
        self._lanes, self._kind, self._note = Lanes(names, kind), kind, note
        settled = self._lanes.feed(events, records)
        self._events = sorted(events, key=lambda event: event.start if event.kind == "fork" else event.end or event.start)
        self._addresses = {record.local: record.client for record in records}
        peers = {of: {event.peer for event in events if event.kind == of} for of in ("connect", "accept")}
        self._asked = peers["connect"] - peers["accept"] if kind == "tcp" else set()  # peers to which this server connects
        self._own = {event.detail for event in events if event.kind == "listen"}
        self._children: dict[int, int] = {}  # pid -> number
        self._threads: dict[int, dict[int, int]] = {}  # pid -> tid -> number
        self._killed = _killed(events)
        server = self._server_lanes()
        self.lanes = {name: steps for name, steps in [*server.items(), *self._client_lanes(settled, names)] if steps}

    def __getitem__(self, lane: str) -> list[str]:
        return self.lanes[lane]

    def __str__(self):
        lines = [f"{name}: {', '.join(collapsed(steps))}" for name, steps in self.lanes.items()]
        return "\n".join([self._note, *lines] if self._note else lines)

    __repr__ = __str__

    def _who(self, event):
        """Return a client's name; clients outside the panel are numbered in order of arrival."""
        if event.peer in self._asked:
            return "itself" if event.peer in self._own else "another server"
        if event.peer not in self._addresses:
            strangers = sum(name.startswith("client ") for name in self._addresses.values())
            self._addresses[event.peer] = f"client {strangers + 1}"
        return self._addresses[event.peer]

    def _server_lanes(self):
        lanes, doing = {}, {}
        for event in self._events:
            name = self._lane_of(event)
            step = self._waits(event) if event.end is None else self._step(event)
            lanes.setdefault(name, [])
            if event.end is None:
                doing[name] = step
            elif step:
                lanes[name].append(step)
        for name, step in doing.items():
            if step and (not lanes[name] or lanes[name][-1] not in ("exits", "is killed", "ends")):
                lanes[name].append(step)
        return dict(sorted(lanes.items(), key=lambda item: _lane_order(item[0])))

    def _lane_of(self, event):
        numbers = self._threads.setdefault(event.pid, {})
        if event.tid not in numbers:  # 0 is the first thread, which has no "thread start" event
            is_first = event.kind != "thread start" and 0 not in numbers.values()
            numbers[event.tid] = 0 if is_first else max(numbers.values(), default=0) + 1
        process = "server"
        if event.pid != next(iter(self._threads)):
            process = f"child {self._child(event.pid)}"
        number = numbers[event.tid]
        if number == 0:
            return process
        return f"thread {number}" + ("" if process == "server" else f" of {process}")

    def _child(self, pid):
        return self._children.setdefault(pid, len(self._children) + 1)

    def _step(self, event):
        kind = event.kind
        if kind in ("receive", "accept", "send") and event.detail:
            return f"meets an error with {self._who(event)} ({event.detail})" if event.peer else None
        if kind == "receive" and event.end == self._killed.get(event.pid):
            return self._waits(event)  # the call ended with its process: no client has left
        if kind == "receive" and event.peer:
            left = event.bytes == 0 and self._kind == "tcp"  # a datagram may be empty
            return f"sees {self._who(event)} leave" if left else f"receives {event.bytes} bytes from {self._who(event)}"
        if kind == "send" and event.peer:
            return f"sends {event.bytes} bytes to {self._who(event)}"
        if kind == "accept" and event.peer:
            return f"accepts {self._who(event)}"
        if kind == "connect" and event.peer and event.detail in ("", "EINPROGRESS"):
            return f"connects to {self._who(event)}"
        if kind == "close" and event.peer:
            return f"closes {'its connection to ' * (event.peer in self._asked)}{self._who(event)}"
        if kind == "fork":
            return f"forks child {self._child(int(event.detail.split()[0]))}"
        if kind == "reap":
            if " " not in event.detail:  # there was no child
                return None
            return f"reaps child {self._child(int(event.detail.split()[0]))}"
        if kind == "exit" and event.pid in self._killed:
            return "is killed"
        if kind == "listen":
            return "listens" if event.detail else None  # a Unix socket: not for clients
        return {"exit": "exits", "thread start": "starts", "thread end": "ends"}.get(kind)

    def _waits(self, event):
        """Return what a currently blocked thread waits for."""
        if event.kind == "receive" and event.peer:
            return f"waits for {self._who(event)}"
        if event.kind == "receive" and self._kind == "tcp":  # it waits for another thread or process of the server
            return None
        return WAITS.get(event.kind)

    def _client_lanes(self, settled, names):
        queued = [span for span in [*settled.spans, *settled.open] if span.kind == "queued"]
        told = [(mark.at, mark.lane, CLIENT_STEPS[mark.kind]) for mark in settled.marks if mark.kind in CLIENT_STEPS]
        told += [(span.start, span.lane, "waits in the backlog") for span in queued]
        now = {span.lane: CLIENT_NOW[span.kind] for span in settled.open if span.kind in CLIENT_NOW}
        for lane in self._lanes.lanes:
            if lane.side == "client":
                steps = [step for _, number, step in sorted(told, key=itemgetter(0)) if number == lane.number]
                if lane.number in now:
                    steps.append(now[lane.number])
                yield lane.label if lane.label in names else self._addresses.get(lane.label, lane.label), steps


def _killed(events):
    """Return {pid: end} of the processes killed by SIGKILL, known from the parent that reaped them or from the launcher."""
    statuses = {int(event.detail.split()[0]): event.status for event in events if event.status is not None}
    ends = {event.pid: event for event in events if event.kind == "exit"}
    return {pid: end.end for pid, end in ends.items() if str(statuses.get(pid, end.detail)) == str(-signal.SIGKILL)}


def _lane_order(name):
    """Return a sort key: the server, its threads, then each child with its threads."""
    words = name.split()
    numbers = [int(word) for word in words if word.isdigit()]
    child = numbers[-1] if "child" in words else 0
    return child, numbers[0] if words[0] == "thread" else 0


def collapsed(steps: list[str]) -> list[str]:
    """Return the steps with repetitions merged: ["receives", "sends", "receives", "sends"] -> ["2 times (receives, sends)"]."""
    told, place = [], 0
    while place < len(steps):
        length, times = _longest_run(steps, place)
        run = steps[place : place + length]
        told.append(f"{times} times ({', '.join(run)})" if times > 1 else run[0])
        place += length * times
    return told


def _longest_run(steps, place):
    """Return (length, times) of the repetition at a place that covers the most steps; (1, 1) if nothing repeats."""
    best = 1, 1
    for length in range(1, MAX_RUN + 1):
        times = 1
        while steps[place + length * times : place + length * (times + 1)] == steps[place : place + length]:
            times += 1
        if times > 1 and length * times > best[0] * best[1]:
            best = length, times
    return best
