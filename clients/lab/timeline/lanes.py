"""What a watched server and its clients did, as lanes of spans and marks. Knows no widget and reads no socket.

A lane is a row of the picture: a thread of the server, or a client. A span says what went on in a lane for a while, a mark what
happened at one moment. `Lanes.feed` takes events and records as they come and returns what is new; fed piece by piece it
returns the same as fed with everything at once.

A server's lane is read off that thread's own events: a blocked call is a wait, the time between two blocked calls is work.
A client's lane needs both sides (it is in the backlog from its own connect to the server's accept). The two sides report on
ways of different length, as do the server's processes: so all that comes is held back for a moment, and taken in the order
of time.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

# What a span says. "{client}" is the client that it concerns.
KINDS = {
    "accepting": "waits for a client",
    "selecting": "waits for any client",
    "receiving": "waits for {client}",
    "serving": "serves {client}",
    "sending": "waits for {client} to take its bytes",
    "reaping": "waits for a child to end",
    "zombie": "has ended, not reaped: a zombie",
    "connecting": "is connecting",
    "queued": "is connected, not accepted yet: in the backlog",
    "waiting": "waits for an answer",
    "idle": "is connected",
}

# What a mark says. "{detail}" is a child's pid or a number of bytes.
MARKS = {
    "bind": "binds its address",
    "listen": "listens",
    "fork": "forks child {detail}",
    "reap": "reaps child {detail}",
    "exit": "exits",
    "close": "closes its socket to {client}",
    "shutdown": "ends the conversation with {client}",
    "thread start": "starts",
    "thread end": "ends",
    "connects": "connects",
    "accepted": "is accepted",
    "asks": "asks ({detail} bytes)",
    "answered": "is answered ({detail} bytes)",
    "closes": "closes",
    "closed by server": "is closed by the server",
    "failed": "fails",
}

BLOCKING = {"accept": "accepting", "wait": "selecting", "receive": "receiving"}
NOBODY = -1  # in place of a client's lane
MS = 1_000_000  # nanoseconds
LONG_SEND = 20 * MS  # a shorter send is part of serving
LONG_ZOMBIE = 5 * MS  # a parent that reaps sooner leaves no zombie that one could see
LONG_REAP = 20 * MS  # a shorter wait for a child is part of what a parent does anyway
LONG_QUEUE = 50 * MS  # see Lanes._was_busy
LONG_CALL = 20 * MS  # a thread that selects does not wait in accept or receive; a slow machine may be slow there
MOST_LANES = 64  # on each side: more would be no picture
MOST_HELD = 20_000  # events and records that may be held back
MOST_PEERS = 10_000  # addresses remembered


class Span(NamedTuple):
    lane: int
    kind: str
    client: int  # the lane of the client that it concerns, or NOBODY
    start: int  # nanoseconds of time.monotonic_ns
    end: int | None  # None: still going on
    received: int = 0  # bytes
    sent: int = 0


class Mark(NamedTuple):
    lane: int
    kind: str
    client: int
    at: int
    detail: int = 0


@dataclass
class Lane:
    number: int
    side: str  # "server" or "client"
    label: str
    role: str  # "server", "child", "thread", "client" (with a name) or "peer" (known by its address alone)
    place: int  # among the lanes of its side: for a client, its colour
    parent: int | None = None  # the lane that it belongs to
    born: int | None = None
    over: int | None = None


@dataclass
class Update:
    """What one `feed` brought; `lanes` are those that are new or have changed, `open` all spans that still go on."""

    lanes: list = field(default_factory=list)
    spans: list = field(default_factory=list)
    marks: list = field(default_factory=list)
    open: list = field(default_factory=list)

    def __add__(self, later):
        return Update(self.lanes + later.lanes, self.spans + later.spans, self.marks + later.marks, later.open)


@dataclass
class _Thread:
    """A thread of the server: blocked in a call, or at work since its last one."""

    lane: int | None
    pid: int
    blocked: Span | None = None
    work: Span | None = None
    ready: int = 0  # when it last began to wait for clients
    selects: bool = False  # it waits for several things at once, and accepts afterwards
    talked: int = 0  # when it last received or sent


@dataclass
class _Process:
    lane: int | None
    main: int | None = None  # its first thread's tid
    exited: int | None = None
    zombie: bool = False  # seen as one


@dataclass
class _Client:
    """A client of a panel, or one that is known by its address alone."""

    lane: int | None
    named: bool
    state: str | None = None
    since: int = 0
    local: str = ""
    accepted: bool = False
    asked: list = field(default_factory=list)  # when it asked what is not answered yet
    holders: set = field(default_factory=set)  # processes that have its connection open


class Lanes:
    """clients: names that have a lane from the start. kind: "tcp" or "udp"."""

    def __init__(self, clients=(), kind="tcp"):
        self.lanes = []
        self.hidden = 0  # lanes left out, see MOST_LANES
        self._tcp = kind == "tcp"
        self._listening = False
        self._held = []  # what has come and is not settled
        self._threads = {}  # (pid, tid) -> _Thread
        self._processes = {}  # pid -> _Process
        self._gone = {}  # pids that have exited and were reaped
        self._names = {}  # name -> _Client
        self._peers = {}  # address -> _Client
        self._update = Update()
        for name in clients:
            self._named(name)

    def feed(self, events=(), records=(), until=None):
        """Take in events of the server and records of the clients; return an Update.

        until: what happened after it is held back, since something earlier may still arrive (None: nothing may).
        """
        for event in events:
            moment = event.start if event.kind == "fork" else event.end or event.start  # the child tells of the fork, late
            self._hold(moment, self._event, event)
        for record in records:
            self._take(record)
        held, self._held = sorted(self._held, key=itemgetter(0)), []
        settled = len(held) if until is None else bisect_right(held, until, key=itemgetter(0))
        settled = max(settled, len(held) - MOST_HELD)
        for at, action, fact in held[:settled]:
            action(at, fact)
        self._held = held[settled:]
        update, self._update = self._update, Update()
        update.open = self._open()
        return update

    def finish(self, at):
        """The server is over: what still goes on ends at `at`. Returns an Update."""
        for thread in self._threads.values():
            self._end_thread(thread, at)
        for process in self._processes.values():
            self._over(process.lane, at)
        for client in [*self._names.values(), *self._peers.values()]:
            self._switch(client, None, at)
        self._threads.clear()
        self._processes.clear()
        return self.feed()

    @property
    def settled(self):
        """Nothing is held back."""
        return not self._held

    def unreaped(self, before):
        """Pids that have exited before a moment and were not reaped, as far as is known: each may be a zombie."""
        return [pid for pid, process in self._processes.items() if process.exited and process.exited < before]

    def inspected(self, pid, is_zombie, at):
        """What the process table says of an unreaped child: an exit alone does not prove a zombie (see SIGCHLD, SIG_IGN)."""
        process = self._processes[pid]
        if is_zombie:
            process.zombie = True
        elif process.zombie:
            self._reaped(pid, at)
        else:
            self._forget(pid)

    def _hold(self, at, action, fact):
        self._held.append((at, action, fact))

    # Lanes, and whose they are

    def _lane(self, side, label, role, parent=None, born=None):
        """The number of a new lane; None when there are too many already."""
        place = sum(lane.side == side for lane in self.lanes)
        if place >= MOST_LANES:
            self.hidden += 1
            return None
        lane = Lane(len(self.lanes), side, label, role, place, parent, born)
        self.lanes.append(lane)
        self._changed(lane.number)
        return lane.number

    def _changed(self, number):
        self._update.lanes.append(self.lanes[number])

    def _over(self, number, at):
        if number is not None and self.lanes[number].over is None:
            self.lanes[number].over = at
            self._changed(number)

    def _named(self, name):
        if name not in self._names:
            self._names[name] = _Client(self._lane("client", name, "client"), True)
        return self._names[name]

    def _peer(self, address):
        """The client at an address; one that no panel knows gets a lane when it is first heard of."""
        if address not in self._peers:
            self._know(address, _Client(self._lane("client", address, "peer"), False, local=address))
        return self._peers[address]

    def _know(self, address, client):
        self._peers.pop(address, None)
        self._peers[address] = client
        if len(self._peers) > MOST_PEERS:
            del self._peers[next(iter(self._peers))]

    def _emit(self, span):
        if span.lane is not None and span.end > span.start:
            self._update.spans.append(span)

    def _mark(self, lane, kind, at, client=NOBODY, detail=0):
        if lane is not None:
            self._update.marks.append(Mark(lane, kind, client, at, detail))

    # The server's side

    def _event(self, at, event):
        if event.pid in self._gone:
            return
        thread = self._thread(event)
        if event.kind in BLOCKING:
            self._blocking(thread, event)
        elif event.kind == "send":
            self._send(thread, event)
        elif event.kind == "reap":
            self._reap(thread, event)
        elif event.end is not None:
            self._moment(thread, event)

    def _thread(self, event):
        key = event.pid, event.tid
        if key not in self._threads:
            process = self._process(event.pid, event.start)
            if process.main in (None, event.tid) or process.exited:
                process.main, lane = event.tid, process.lane
            else:
                lane = self._lane("server", f"thread {event.tid} of {event.pid}", "thread", process.lane, event.start)
            self._threads[key] = thread = _Thread(lane, event.pid)
            if lane is not None and self.lanes[lane].role != "server":  # a child or a thread is born to work
                thread.work = Span(lane, "serving", NOBODY, self.lanes[lane].born, None)
        return self._threads[key]

    def _process(self, pid, at, parent=None):
        if pid not in self._processes:
            role = "child" if self._processes else "server"
            self._processes[pid] = _Process(self._lane("server", f"{role} {pid}", role, parent, at))
        return self._processes[pid]

    def _client(self, event):
        """The lane of the client that an event concerns."""
        lane = self._peer(event.peer).lane if event.peer else None
        return NOBODY if lane is None else lane

    def _blocking(self, thread, event):
        """accept, receive or wait: work ends where such a call begins, and begins where it ends."""
        if event.kind == "wait" or (event.kind == "accept" and not thread.selects):
            thread.ready = event.start
        thread.selects |= event.kind == "wait"
        talks = event.kind == "receive" and event.peer
        client = self._client(event) if talks else NOBODY
        self._end_work(thread, event.start, client)
        received = event.bytes if talks else 0
        if event.kind == "receive" and not self._tcp:  # until a datagram is here, the server waits for anybody's
            span = Span(thread.lane, "accepting", NOBODY, event.start, event.end)
        else:
            span = Span(thread.lane, BLOCKING[event.kind], client, event.start, event.end, received)
        thread.blocked = span if event.end is None else None
        if event.end is None:
            return
        if event.kind == "wait" or not thread.selects or event.end - event.start > LONG_CALL:
            self._emit(span)
        if event.kind == "accept" and event.peer:
            self._accepted(thread, event)
        elif talks and not event.detail:
            thread.talked = event.end
            if received or not self._tcp:
                thread.work = Span(thread.lane, "serving", client, event.end, None, received)
            self._peer_asks(self._peer(event.peer), event.end, received)

    def _accepted(self, thread, event):
        peer = self._peer(event.peer)
        if peer.holders and not peer.named:  # an earlier client had this address
            self._know(event.peer, _Client(peer.lane, False, local=event.peer))
            peer = self._peer(event.peer)
        peer.holders = {event.pid}
        self._client_accepted(peer, event.end, thread)
        thread.work = Span(thread.lane, "serving", NOBODY if peer.lane is None else peer.lane, event.end, None)

    def _send(self, thread, event):
        client = self._client(event)
        if event.end is None:
            self._end_work(thread, event.start, client)
            thread.blocked = Span(thread.lane, "sending", client, event.start, None)
            return
        if thread.blocked or event.end - event.start > LONG_SEND:
            thread.blocked = None
            self._end_work(thread, event.start, client)
            self._emit(Span(thread.lane, "sending", client, event.start, event.end, 0, event.bytes))
            thread.work = Span(thread.lane, "serving", client, event.end, None)
        elif thread.work:
            whose = client if thread.work.client == NOBODY else thread.work.client
            thread.work = thread.work._replace(client=whose, sent=thread.work.sent + event.bytes)
        thread.talked = event.end
        if event.peer:
            self._peer_answered(self._peer(event.peer), event.end, event.bytes)

    def _reap(self, thread, event):
        """waitpid() and its kin: who waits for a child to end works for nobody."""
        waits = Span(thread.lane, "reaping", NOBODY, event.start, event.end)
        if event.end is None:
            self._end_work(thread, event.start)
            thread.blocked = waits
            return
        thread.blocked = None
        if event.end - event.start > LONG_REAP:
            self._end_work(thread, event.start)
            self._emit(waits)
        if event.detail[:1].isdigit():
            child = int(event.detail.split()[0])
            self._reaped(child, event.end)
            self._mark(thread.lane, "reap", event.end, NOBODY, child)

    def _moment(self, thread, event):
        """What is over as soon as it begins."""
        kind, client, detail = event.kind, NOBODY, 0
        if kind == "fork":
            detail = int(event.detail)
            self._process(detail, event.end, thread.lane)
            for peer in self._peers.values():
                if event.pid in peer.holders:
                    peer.holders.add(detail)
        elif kind == "exit":
            if self._processes[event.pid].exited:
                return
            self._exited(event.pid, event.end)
        elif kind == "thread end":
            self._end_thread(thread, event.end)
            self._over(thread.lane, event.end)
            self._threads.pop((event.pid, event.tid), None)
        elif kind in ("close", "shutdown"):
            if not event.peer or event.peer not in self._peers:
                return
            client = self._client(event)
            if kind == "close":
                if thread.work and thread.work.client == client:  # what this thread does now, it does for somebody else
                    self._end_work(thread, event.end)
                self._let_go(self._peers[event.peer], event.pid, event.end)
        elif kind == "listen":
            self._listening = True
        if kind in MARKS:
            self._mark(thread.lane, kind, event.end, client, detail)

    def _exited(self, pid, at):
        process = self._processes[pid]
        process.exited = at
        for key in [key for key in self._threads if key[0] == pid]:
            thread = self._threads.pop(key)
            self._end_thread(thread, at)
            self._over(thread.lane, at)
        self._over(process.lane, at)
        for peer in list(self._peers.values()):
            self._let_go(peer, pid, at)

    def _reaped(self, pid, at):
        process = self._processes.get(pid)
        if process is None:
            return
        if process.exited is None:
            self._exited(pid, at)
        if at - process.exited > LONG_ZOMBIE:
            self._emit(Span(process.lane, "zombie", NOBODY, process.exited, at))
        self._forget(pid)

    def _forget(self, pid):
        del self._processes[pid]
        self._gone[pid] = True
        if len(self._gone) > MOST_PEERS:
            del self._gone[next(iter(self._gone))]

    def _end_work(self, thread, at, client=NOBODY):
        """Work for nobody known becomes work for the client of the next call: so it is with a new child or thread."""
        work, thread.work = thread.work, None
        if work is not None and (work.client != NOBODY or client != NOBODY):
            self._emit(work._replace(end=at, client=client if work.client == NOBODY else work.client))

    def _end_thread(self, thread, at):
        self._end_work(thread, at)
        if thread.blocked:
            self._emit(thread.blocked._replace(end=at))
            thread.blocked = None

    # The clients' side: what the server's events tell

    def _client_accepted(self, client, at, thread):
        client.accepted = True
        if client.state == "queued" and self._was_busy(client, at, thread):
            self._switch(client, self._rest(client), at)
            self._mark(client.lane, "accepted", at, client.lane)
        elif client.state == "queued":
            client.state = "idle"  # ever since it was connected
            if client.asked:
                self._switch(client, "waiting", client.asked[0])
        elif not client.named:
            self._mark(client.lane, "accepted", at, client.lane)
            self._switch(client, "idle", at)

    @staticmethod
    def _was_busy(client, at, thread):
        """Did the server let this client wait in the backlog? A moment's delay is no backlog.

        It did if the thread that accepted was not waiting for clients yet when this one had connected, and either talked with
        another meanwhile or took long. Time alone would take a quick lesson and a slow machine for the same thing.
        """
        return thread.ready > client.since and (thread.talked > client.since or at - client.since > LONG_QUEUE)

    def _peer_asks(self, client, at, size):
        if client.named:
            return
        if size or not self._tcp:  # over TCP nothing received means that the peer has left; a datagram may be empty
            client.asked = [at]
            self._mark(client.lane, "asks", at, client.lane, size)
            self._switch(client, "waiting", at)
        else:
            self._mark(client.lane, "closes", at, client.lane)
            self._switch(client, None, at)

    def _peer_answered(self, client, at, size):
        if client.named or not client.asked:
            return
        client.asked = []
        self._mark(client.lane, "answered", at, client.lane, size)
        self._switch(client, self._rest(client), at)

    def _let_go(self, client, pid, at):
        """A process closed its copy of a connection; the connection ends with the last copy."""
        if pid not in client.holders:
            return
        client.holders.discard(pid)
        if not client.holders and not client.named:
            if client.state:
                self._mark(client.lane, "closed by server", at, client.lane)
            self._switch(client, None, at)
            del self._peers[client.local]

    # The clients' side: what their own records tell

    def _take(self, record):
        """Hold a client's record back, as the one or two moments that it tells of."""
        if record.kind in ("connecting", "connect"):
            self._hold(record.start, self._connecting, record)
            if record.kind == "connect":
                self._hold(record.end, self._connected, record)
        elif record.kind == "send":
            self._hold(record.start, self._asks, record)
        elif record.kind == "answer":
            self._hold(record.end, self._answered, record)
        elif record.kind == "failed":
            self._hold(record.end, self._failed, record)
        elif record.kind in ("close", "closed by server"):
            self._hold(record.start, self._closed, record)

    def _connecting(self, at, record):
        client = self._named(record.client)
        if client.state in ("connecting", "queued") and client.local == record.local:
            return  # told before, while it was still going on
        earlier = self._peers.get(record.local)
        client.local, client.accepted, client.asked, client.holders = record.local, False, [], set()
        if earlier and not earlier.named and earlier.since >= at:  # this record came late: the server told of it before
            client.accepted, client.holders = True, earlier.holders
            self._switch(earlier, None, earlier.since)
        self._know(record.local, client)
        if self._tcp:  # UDP has nothing to connect to
            self._mark(client.lane, "connects", at, client.lane)
            self._switch(client, "connecting", at)

    def _connected(self, at, record):
        client = self._named(record.client)
        queued = self._tcp and self._listening and not client.accepted
        self._switch(client, "queued" if queued else self._rest(client), at)

    def _asks(self, at, record):
        client = self._named(record.client)
        client.asked.append(at)
        self._mark(client.lane, "asks", at, client.lane, record.bytes)
        if client.state != "queued":
            self._switch(client, "waiting", at)

    def _answered(self, at, record):
        """An answer's record starts where its question did: it settles the first question after that, and any before."""
        client = self._named(record.client)
        settled = next((asked for asked in client.asked if asked >= record.start), at)
        client.asked = [asked for asked in client.asked if asked > settled]
        self._mark(client.lane, "answered", at, client.lane, record.bytes)
        self._switch(client, self._rest(client), at)

    def _failed(self, at, record):
        client = self._named(record.client)
        if client.state is None and self._tcp:  # it failed to connect
            self._mark(client.lane, "connects", record.start, client.lane)
            self._switch(client, "connecting", record.start)
        self._mark(client.lane, "failed", at, client.lane)
        client.asked = client.asked[1:] if not self._tcp else []
        self._switch(client, "waiting" if client.asked else None, at)

    def _closed(self, at, record):
        client = self._named(record.client)
        self._mark(client.lane, "closes" if record.kind == "close" else record.kind, at, client.lane)
        client.asked = []
        self._switch(client, None, at)

    def _rest(self, client):
        """The state of a client that is connected and not in the backlog."""
        return "waiting" if client.asked else "idle" if self._tcp else None

    def _switch(self, client, state, at):
        if state == client.state:
            return
        if client.state:
            self._emit(Span(client.lane, client.state, client.lane, client.since, at))
        client.state, client.since = state, at

    # What still goes on

    def _open(self):
        spans = [thread.blocked or thread.work for thread in self._threads.values()]
        spans = [span for span in spans if span and (span.kind != "serving" or span.client != NOBODY)]
        spans += [Span(p.lane, "zombie", NOBODY, p.exited, None) for p in self._processes.values() if p.zombie]
        for client in {id(client): client for client in [*self._names.values(), *self._peers.values()]}.values():
            if client.state:
                spans.append(Span(client.lane, client.state, client.lane, client.since, None))
        return sorted((span for span in spans if span.lane is not None), key=lambda span: (span.lane, span.start))
